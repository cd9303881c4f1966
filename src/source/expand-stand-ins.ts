import { rm } from "node:fs/promises";
import path from "node:path";
import type { Appliance } from "../appliance/index.ts";
import { findStandIn } from "./check-files.ts";
import type { Described } from "./describe.ts";
import type { OpenInput } from "./kinds/kind.ts";
import type { FoundFile } from "./model.ts";
import { expandStandIn } from "./stand-in.ts";

/** A file with a known path on disk. */
export type PlacedFile = FoundFile & { readonly absolutePath: string };

/** Returns a file that must be on disk. */
export function placeFile(file: FoundFile): PlacedFile {
  if (file.absolutePath === undefined) throw new TypeError(`${file.path} was only listed`);
  return { ...file, absolutePath: file.absolutePath };
}

/** Returns the files, sorted, with every compressed disk replaced by the expanded one. */
export async function expandStandIns(
  appliance: Appliance,
  described: Described,
  { context, limits, spool }: OpenInput,
): Promise<ReadonlyMap<string, PlacedFile>> {
  const files = new Map([...described.files].map(([name, file]) => [name, placeFile(file)]));
  const sizes = new Map([...files].map(([name, { sizeBytes }]) => [name, sizeBytes]));
  for (const disk of appliance.disks) {
    const name = findStandIn(disk, sizes);
    const standIn = name === undefined ? undefined : files.get(name);
    if (name === undefined || standIn === undefined) continue;
    const root = await spool.folder();
    const isSpooled = standIn.absolutePath.startsWith(path.join(root, path.sep));
    const folder = isSpooled ? path.join(root, path.dirname(described.descriptor.path)) : root;
    files.set(disk.file, await expandStandIn(disk, standIn, { folder, limits, context }));
    files.delete(name);
    if (isSpooled) await rm(standIn.absolutePath);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
