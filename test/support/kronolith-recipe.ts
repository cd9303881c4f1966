import { readFile } from "node:fs/promises";
import path from "node:path";

/** The recipe of the Horde calendar. */
export const KRONOLITH: string = path.join(import.meta.dirname, "../../examples/kronolith");

/** Debian packages are kept here from one run to the next. */
export const DEBIAN_CACHE: string = path.join(import.meta.dirname, "../../.cache/debian");

/** Returns the packages that the recipe's kickstart installs. */
export async function kronolithPackages(): Promise<readonly string[]> {
  const kickstart = await readFile(path.join(KRONOLITH, "kronolith.ks"), "utf8");
  const section = /^%packages\n([^%]*)^%end/m.exec(kickstart)?.[1] ?? "";
  return section.split("\n").filter((line) => line !== "");
}
