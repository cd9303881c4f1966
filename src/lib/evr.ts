/** Epoch, version and release of a package, which determine the order of its builds. */
export interface Evr {
  /** Absent means 0. */
  readonly epoch?: number | undefined;
  readonly version: string;
  /** An absent release sorts before any other. */
  readonly release?: string | undefined;
}

/** Result of a comparison: negative, zero or positive, as `Array.sort` expects. */
export type Ordering = -1 | 0 | 1;

const order = <T extends string | number>(a: T, b: T): Ordering => (a === b ? 0 : a < b ? -1 : 1);

/** Compares two runs of digits by value, of any length. */
function compareDigits(a: string, b: string): Ordering {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length === y.length ? order(x, y) : order(x.length, y.length);
}

const isDigits = (segment: string): boolean => /^[0-9]/.test(segment);

/** Compares two segments; undefined means that the version has ended. */
function compareSegments(a: string | undefined, b: string | undefined): Ordering {
  if (a === b) return 0;
  // A tilde sorts before everything, even before the end.
  if (a === "~") return -1;
  if (b === "~") return 1;
  // A caret sorts after the end, and before everything else.
  if (a === "^") return b === undefined ? 1 : -1;
  if (b === "^") return a === undefined ? -1 : 1;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  if (isDigits(a)) return isDigits(b) ? compareDigits(a, b) : 1;
  return isDigits(b) ? -1 : order(a, b);
}

/**
 * Compares two versions, or two releases, as rpm does: by runs of digits and runs of ASCII letters. A tilde sorts
 * before the end of a version, and a caret after it. All other characters are separators.
 *
 * @see rpm manual, rpm-version(7); rpm `rpmio/rpmvercmp.c`
 */
export function compareVersions(a: string, b: string): Ordering {
  const segments = (version: string): readonly string[] =>
    version.match(/[0-9]+|[A-Za-z]+|[~^]/g) ?? [];
  const [left, right] = [segments(a), segments(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const result = compareSegments(left[i], right[i]);
    if (result !== 0) return result;
  }
  return 0;
}

/** Parses `[epoch:]version[-release]` as rpm does: splits at a colon after leading digits and at the last hyphen. */
export function parseEvr(text: string): Evr {
  const [, epoch, rest = ""] = /^(?:([0-9]*):)?(.*)$/s.exec(text) ?? [];
  const hyphen = rest.lastIndexOf("-");
  return {
    ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
    version: hyphen === -1 ? rest : rest.slice(0, hyphen),
    ...(hyphen === -1 ? {} : { release: rest.slice(hyphen + 1) }),
  };
}

/** Compares epoch, then version, then release. This is the total order in which rpm decides which package is newer. */
export function compareEvr(a: Evr, b: Evr): Ordering {
  const byEpoch = order(a.epoch ?? 0, b.epoch ?? 0);
  if (byEpoch !== 0) return byEpoch;
  const byVersion = compareVersions(a.version, b.version);
  if (byVersion !== 0 || a.release === b.release) return byVersion;
  if (a.release === undefined) return -1;
  return b.release === undefined ? 1 : compareVersions(a.release, b.release);
}
