import { stat } from "node:fs/promises";
import { readImageLinks } from "../access/image-links.ts";

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/**
 * Returns the first missing file in the backing chain of an image, including the image itself; undefined if all exist.
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
