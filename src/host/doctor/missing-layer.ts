import { stat } from "node:fs/promises";
import { readImageLinks } from "../image-links.ts";

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/**
 * Returns the first file that is missing on the way down from an image to the last one that it rests on: the image
 * itself, or one of those; undefined when all are there.
 *
 * @throws ApplianceError `LIB_IO` when an image cannot be read
 */
export async function findMissingLayer(
  file: string,
  seen: ReadonlySet<string> = new Set(),
): Promise<string | undefined> {
  if (!(await isThere(file))) return file;
  if (seen.has(file)) return undefined;
  const { targets } = await readImageLinks(file);
  for (const paths of targets) {
    const there = [];
    for (const each of paths) if (await isThere(each)) there.push(each);
    const [next] = there;
    if (next === undefined) return paths[0];
    const missing = await findMissingLayer(next, new Set([...seen, file]));
    if (missing !== undefined) return missing;
  }
  return undefined;
}
