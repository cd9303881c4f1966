import { lstat, readlink } from "node:fs/promises";
import type { Stats } from "node:fs";
import path from "node:path";
import { errnoOf, fileError } from "../lib/atomic.ts";
import type { StorePlace } from "./store.ts";

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return "a symbolic link";
  if (stats.isFIFO()) return "a named pipe (FIFO)";
  if (stats.isSocket()) return "a socket";
  if (stats.isDirectory()) return "a folder";
  return stats.isFile() ? "a file" : "a device";
}

/** Returns the sentence about something else in a place; undefined also where nothing is. */
async function faultAt(root: string, place: StorePlace): Promise<string | undefined> {
  const absolute = path.join(root, place.path);
  try {
    const stats = await lstat(absolute);
    if (place.kind === "file" && stats.isFile()) {
      return place.oneName !== true || stats.nlink === 1
        ? undefined
        : `${place.path}: has ${stats.nlink} names (hard links), expected one`;
    }
    if (place.kind === "folder" && stats.isDirectory()) return undefined;
    const found = stats.isSymbolicLink() ? await readlink(absolute) : undefined;
    if (found !== undefined && found === linkOf(place)) return undefined;
    const to = found === undefined ? "" : ` to ${found}`;
    return `${place.path}: ${kindOf(stats)}${to}, expected a ${place.kind}`;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw fileError(error, absolute);
  }
}

/** Returns the text of the link that may be in a place. */
function linkOf({ path: place, shares }: StorePlace): string | undefined {
  return shares === undefined ? undefined : path.relative(path.dirname(place), shares);
}

/** Does {@link Store.examine} for a directory. */
export async function examinePlaces(
  root: string,
  places: readonly StorePlace[],
): Promise<readonly string[]> {
  const wrong: { readonly path: string; readonly fault: string }[] = [];
  for (const place of places) {
    if (wrong.some((one) => place.path.startsWith(`${one.path}${path.sep}`))) continue;
    const fault = await faultAt(root, place);
    if (fault !== undefined) wrong.push({ path: place.path, fault });
  }
  return wrong.map(({ fault }) => fault);
}
