import { type FileHandle, link, lstat, rm } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { copyPieces, observeAll } from "./copy-pieces.ts";
import type { StageOptions } from "./store.ts";

/**
 * Returns whether a file may share its data with a published one, once its own name is removed: it has no other name,
 * no other user owns it, and its mode is that of a published file, so that a package that is refused keeps its mode.
 */
async function isOursAlone(source: FileHandle, mode: number): Promise<boolean> {
  const stats = await source.stat();
  return stats.nlink === 1 && stats.uid === process.geteuid?.() && (stats.mode & 0o7777) === mode;
}

/** Makes the link. Returns false if the file system cannot, or if another file has taken the name meanwhile. */
async function tryLink(source: FileHandle, from: string, to: string): Promise<boolean> {
  const isLinked = await link(from, to).then(
    () => true,
    () => false,
  );
  if (!isLinked) return false;
  const [opened, linked] = [await source.stat(), await lstat(to)];
  if (opened.dev === linked.dev && opened.ino === linked.ino) return true;
  await rm(to);
  return false;
}

/**
 * Gives a file a second name, which must not exist, and passes its content to the observer.
 *
 * @param files.mode  mode of a published file
 * @returns false if it must be copied; then nothing was changed
 * @throws ApplianceError `LIB_IO` if a program writes to it meanwhile
 */
export async function linkNew(
  files: {
    readonly source: FileHandle;
    readonly from: string;
    readonly to: string;
    readonly mode: number;
  },
  options: StageOptions,
): Promise<boolean> {
  const { source, from, to, mode } = files;
  if (!(await isOursAlone(source, mode))) return false;
  const before = await source.stat({ bigint: true });
  if (!(await tryLink(source, from, to))) return false;
  const { signal } = options;
  await observeAll(copyPieces({ from: { handle: source, name: from }, signal }), options);
  const after = await source.stat({ bigint: true });
  if (after.mtimeNs === before.mtimeNs && after.size === before.size) return true;
  throw new ApplianceError("LIB_IO", `${from}: was written to while it was read`, {
    hint: "add it again when the program that writes it has ended",
  });
}
