import path from "node:path";
import type { Context } from "../lib/context.ts";
import { checkFiles } from "./check-files.ts";
import { expandStandIns, placeFile } from "./expand-stand-ins.ts";
import { recogniseSource } from "./kinds/recognise.ts";
import { chooseLimits, type Source, type SourceFile, type SourceLimits } from "./model.ts";
import { refuseErrors } from "./refuse-problems.ts";
import { Spool } from "./spool.ts";
import { verifyChecksums } from "./verify-checksums.ts";

/** Options for opening a source. */
export interface OpenSourceOptions extends Partial<SourceLimits> {
  /** Folder into which a tarball is unpacked. Default: the context's temporary folder. */
  readonly temporaryFolder?: string;
}

/**
 * Opens an appliance: a tarball (plain, gzip, xz, zstd or bzip2, detected by content), a folder, or a descriptor beside
 * its files. A tarball is read once and unpacked, sparse, into a temporary folder. A folder is used in place and never
 * changed. A disk that exists only compressed (`disk.raw.xz`) is expanded under its own name.
 *
 * Checksums in the descriptor are verified: while unpacking if the descriptor comes first in the archive, otherwise by
 * reading the unpacked disk once more. Disks without a checksum are not hashed.
 *
 * @returns the appliance and its files; the caller disposes of it, which removes temporary files
 * @throws ApplianceError `SOURCE_*` with every error found; `LIB_TAR_*`, `LIB_COMPRESSED_CORRUPT`, `LIB_UNSAFE_PATH`,
 *   `LIB_LIMIT_EXCEEDED`, `LIB_EXEC_MISSING`, `LIB_NO_SPACE`, `LIB_INTERRUPTED`; nothing is left behind then
 */
export async function openSource(
  origin: string,
  context: Context,
  options: OpenSourceOptions = {},
): Promise<Source> {
  const limits = chooseLimits(options);
  const kind = await recogniseSource(origin);
  const spool = new Spool(options.temporaryFolder ?? context.temporaryFolder);
  try {
    const described = kind.describe(await kind.open(origin, { context, limits, spool }), origin);
    const problems = [...described.problems];
    if (described.appliance === undefined) {
      refuseErrors(problems, origin);
      throw new TypeError("a descriptor without appliance has an error");
    }
    const { appliance } = described;
    const files = await expandStandIns(appliance, described, { context, limits, spool });
    const sizes = new Map([...files].map(([name, { sizeBytes }]) => [name, sizeBytes]));
    const checksums = await verifyChecksums(appliance, files, context);
    problems.push(
      ...checkFiles(appliance, sizes, {
        where: kind.place,
        descriptor: path.basename(described.descriptor.path),
      }),
      ...checksums.problems,
    );
    const descriptorPath = placeFile(described.descriptor).absolutePath;
    return {
      origin,
      kind: kind.name,
      isSpooled: kind.isSpooled,
      appliance,
      problems: refuseErrors(problems, origin),
      descriptorText: described.descriptorText,
      descriptorPath,
      folder: path.dirname(descriptorPath),
      files: [...files].map(([name, file]): SourceFile => {
        const digests = checksums.digests.get(name) ?? file.digests;
        const { absolutePath, sizeBytes } = file;
        return { path: name, absolutePath, sizeBytes, sha256: digests.sha256 };
      }),
      [Symbol.asyncDispose]: () => spool.dispose(),
    };
  } catch (error) {
    await spool.dispose();
    throw error;
  }
}
