import { chmod, rename } from "node:fs/promises";
import path from "node:path";
import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import { fileError, makeFolder, namesIn, openTemporaryFolder } from "../lib/atomic.ts";
import { openFileBytes } from "../lib/bytes/byte-source.ts";
import type { Context } from "../lib/context.ts";
import { writeSparseFile } from "../lib/sparse/write.ts";
import { refuseBadDisks } from "./check-disks.ts";
import type { Source, SourceLimits } from "./model.ts";
import { openSource } from "./open-source.ts";
import { piecesOf } from "./stand-in.ts";

/**
 * Unpacks an appliance into a folder: descriptor and files, sparse, checksums verified, compressed disks expanded.
 * The folder appears complete or not at all.
 *
 * @param target  must not exist, or be an empty folder
 * @returns the source, for its warnings; it is already disposed of
 * @throws ApplianceError `SOURCE_NOT_EMPTY`; `IMAGE_*` for a disk that names other files or does not have the declared
 *   format; as {@link openSource}
 */
export async function unpackSource(
  origin: string,
  target: string,
  options: Partial<SourceLimits> & { readonly context: Context },
): Promise<Pick<Source, "appliance" | "problems">> {
  const { context, ...limits } = options;
  await refuseOccupied(target);
  const parent = path.join(target, "..");
  await using source = await openSource(origin, context, { ...limits, temporaryFolder: parent });
  const files = new Map(source.files.map((file) => [file.path, file]));
  const warnings = await refuseBadDisks(source.appliance, files, origin);
  await using copy = await openTemporaryFolder(parent);
  const folder = source.isSpooled ? source.folder : copy.path;
  if (!source.isSpooled) await copyFiles(source, folder, context);
  try {
    // The mode follows the umask, but the temporary folder has mode 0700.
    await chmod(folder, 0o777 & ~process.umask());
    await rename(folder, path.resolve(target));
  } catch (error) {
    throw fileError(error, target);
  }
  return { appliance: source.appliance, problems: [...source.problems, ...warnings] };
}

/**
 * Refuses a folder that is not empty.
 *
 * @throws ApplianceError `SOURCE_NOT_EMPTY`
 */
export async function refuseOccupied(target: string): Promise<void> {
  const entries = await namesIn(target);
  if (entries.length > 0) {
    throw new ApplianceError(
      "SOURCE_NOT_EMPTY",
      `${target}: folder contains ${countOf(entries.length, "file")}, expected an empty one`,
      { hint: "choose a folder that does not exist yet" },
    );
  }
}

async function copyFiles(source: Source, folder: string, context: Context): Promise<void> {
  const descriptor = {
    path: path.basename(source.descriptorPath),
    absolutePath: source.descriptorPath,
  };
  for (const file of [descriptor, ...source.files]) {
    const target = path.join(folder, file.path);
    await makeFolder(path.dirname(target));
    await using bytes = await openFileBytes(file.absolutePath, {
      signal: context.signal,
      isResolved: true,
    });
    await writeSparseFile(target, piecesOf(bytes), {});
  }
}
