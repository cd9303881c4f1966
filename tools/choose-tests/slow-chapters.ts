/** No chapter starts later than this after the start of the run. */
export const START_LIMIT_SECONDS: number = 60 * 60;
/** A chapter that still runs then is ended, and fails. */
export const END_LIMIT_SECONDS: number = 75 * 60;

/** Assumed duration of a chapter that never passed. */
export const UNKNOWN_SECONDS: number = 15 * 60;
/** Factor by which a chapter may take longer than last time, on a busier machine. */
const MARGIN = 1.5;

/** A chapter and the digest of its inputs. */
export interface Chapter {
  /** Path from the root of the repository. */
  readonly file: string;
  readonly digest: string;
}

/** The inputs with which a chapter last passed, and its duration. */
export interface Passed {
  readonly digest: string;
  readonly seconds: number;
}

/** A chapter to run. */
export interface PlannedChapter extends Chapter {
  /** Duration of its last pass; undefined when it never passed. */
  readonly expectedSeconds: number | undefined;
}

const LINE = /^([0-9a-f]{64}) +(\d+) +(\S+)$/;

/** Parses what {@link renderPassed} renders; other lines are ignored, and their chapters run again. */
export function parsePassed(text: string): ReadonlyMap<string, Passed> {
  const passed = new Map<string, Passed>();
  for (const line of text.split("\n")) {
    const [, digest, seconds, file] = LINE.exec(line) ?? [];
    if (digest !== undefined && file !== undefined)
      passed.set(file, { digest, seconds: Number(seconds) });
  }
  return passed;
}

/** Renders a line for each chapter, sorted by name: digest of its inputs, seconds, file. */
export function renderPassed(passed: ReadonlyMap<string, Passed>): string {
  return [...passed]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, { digest, seconds }]) => `${digest} ${String(seconds).padStart(4)} ${file}\n`)
    .join("");
}

/**
 * Returns the chapters to run, the cheapest first and those that never passed last: all of them, or those that have not
 * passed with the inputs that they have now.
 */
export function planChapters(
  chapters: readonly Chapter[],
  passed: ReadonlyMap<string, Passed>,
  which: "all" | "changed",
): readonly PlannedChapter[] {
  const cost = (chapter: PlannedChapter): number => chapter.expectedSeconds ?? Infinity;
  return chapters
    .filter(({ file, digest }) => which === "all" || passed.get(file)?.digest !== digest)
    .map((chapter) => ({ ...chapter, expectedSeconds: passed.get(chapter.file)?.seconds }))
    .sort((a, b) => (cost(a) === cost(b) ? (a.file < b.file ? -1 : 1) : cost(a) - cost(b)));
}

/** True if a chapter may start now: early enough, and with time for half as long again as last time. */
export function mayStart(chapter: PlannedChapter, elapsedSeconds: number): boolean {
  if (elapsedSeconds >= START_LIMIT_SECONDS) return false;
  const neededSeconds = (chapter.expectedSeconds ?? UNKNOWN_SECONDS) * MARGIN;
  return elapsedSeconds + neededSeconds <= END_LIMIT_SECONDS;
}
