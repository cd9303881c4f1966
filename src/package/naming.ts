import { type Appliance, withoutImageSuffix } from "../appliance/index.ts";

/** Names of one packaged version of an appliance. */
export interface PackageNaming {
  /** Name of the appliance as its descriptor has it. */
  readonly appliance: string;
  /** Name of the rpm package. */
  readonly package: string;
  readonly version: string;
  readonly release: string;
  /** `VERSION-RELEASE`. */
  readonly versionRelease: string;
  /** rpm's architecture name. */
  readonly arch: string;
}

/** Returns the rpm name of an image package: the appliance's name, with exactly one suffix `-appliance`. */
export function packageNameOf(applianceName: string): string {
  return applianceName.endsWith("-appliance") ? applianceName : `${applianceName}-appliance`;
}

/** Returns rpm's name of the architecture that all boot descriptors share (i686 runs on x86_64), else `noarch`. */
export function packageArchOf(appliance: Appliance): string {
  const arches = new Set(
    appliance.boots.map((boot) => (boot.arch === "i686" ? "x86_64" : boot.arch)),
  );
  const [only] = arches;
  return arches.size === 1 && only !== undefined ? only : "noarch";
}

/** Characters that shell lists, libvirt volumes and web servers all accept are kept; others are replaced. */
const UNUSUAL = /[^A-Za-z0-9._~-]/g;

/** Maximum length of `PACKAGE-VERSION-RELEASE`. Names of bases contain it and have at most 240 characters. */
export const MOST_PACKAGE_CHARS = 150;
/** Maximum length of a packaged file's name, without the suffix that makes it unique. */
const MOST_FILE_CHARS = 80;

/** Shortens a name in the middle, so that it keeps its extension. */
function shorten(name: string): string {
  if (name.length <= MOST_FILE_CHARS) return name;
  const extension = /(?:\.[A-Za-z0-9]{1,8}){0,2}$/.exec(name)?.[0] ?? "";
  return `${name.slice(0, MOST_FILE_CHARS - extension.length)}${extension}`;
}

/**
 * Returns the packaged name of a file: its flattened path, with another extension if it was converted. The host accepts
 * no name that begins with a dot or a dash.
 *
 * @param taken  names in use; the result differs from all of them
 */
export function shippedFileName(
  file: string,
  extension: string | undefined,
  taken: ReadonlySet<string>,
): string {
  const flat = file.replaceAll("/", "-").replace(UNUSUAL, "_").replace(/^[.-]/, "_");
  const stem = withoutImageSuffix(flat);
  const candidates = (
    extension === undefined ? [flat] : [`${stem}.${extension}`, `${flat}.${extension}`]
  ).map(shorten);
  for (const name of candidates) if (!taken.has(name)) return name;
  const last = candidates.at(-1) ?? flat;
  for (let n = 2; ; n += 1) {
    const name = `${n}-${last}`;
    if (!taken.has(name)) return name;
  }
}
