import { realpath, stat } from "node:fs/promises";
import path from "node:path";

/** True if a component of the path starts with a dot; such files are not served. */
function isHidden(name: string): boolean {
  return name.split("/").some((part) => part.startsWith("."));
}

/** Returns the decoded path without its query; undefined if it is malformed or hidden. */
export function requestedName(url: string): string | undefined {
  try {
    const name = decodeURIComponent(url.split("?")[0] ?? "");
    return name.startsWith("/") && !isHidden(name) && !name.includes("\0") ? name : undefined;
  } catch {
    return undefined;
  }
}

/** A regular file of the repository. */
export interface ServedFile {
  /** Path below the root, with a leading slash and all symbolic links resolved. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Finds the regular file of a requested path. Every rule is applied after symbolic links are resolved, so no link leads
 * out of the repository or to a hidden file. Only regular files are opened, so no request blocks on a FIFO.
 */
export async function findFile(root: string, requested: string): Promise<ServedFile | undefined> {
  try {
    const file = await realpath(path.join(root, requested));
    if (!file.startsWith(`${root}${path.sep}`)) return undefined;
    const name = file.slice(root.length);
    const stats = await stat(file);
    return isHidden(name) || !stats.isFile()
      ? undefined
      : { name, path: file, sizeBytes: stats.size };
  } catch {
    return undefined;
  }
}

/** True for files whose content never changes under their name, so clients need not revalidate them. */
export function neverChanges(name: string): boolean {
  return /^\/(?:generations|packages)\/|^\/repodata\/[0-9a-f]{64}-/.test(name);
}

/** True for pointer files. They contain the repository's URL, so it must be the one that the client used. */
export function isPointer(name: string): boolean {
  return name === "/mirrorlist" || /^\/[^/]+\.repo$/.test(name);
}
