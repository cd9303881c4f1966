import { stat } from "node:fs/promises";
import path from "node:path";
import type { Disk } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import { fileError, makeFolder } from "../lib/atomic.ts";
import { openDecompressed } from "../lib/bytes/compress.ts";
import type { ByteSource } from "../lib/bytes/byte-source.ts";
import type { Context } from "../lib/context.ts";
import { writeSparseFile } from "../lib/sparse/write.ts";
import type { TarData } from "../lib/tar/read.ts";
import type { FoundFile, SourceLimits } from "./model.ts";
import { makeWriteBudget } from "./write-budget.ts";

/** Yields the bytes of a source with their offsets. */
export async function* piecesOf(bytes: ByteSource): AsyncGenerator<TarData> {
  let position = 0;
  for (;;) {
    const chunk = await bytes.next();
    if (chunk === undefined) return;
    yield { position, bytes: chunk };
    position += chunk.length;
  }
}

/**
 * Expands the compressed file of a disk into `folder`, with holes for runs of zeros. Computes its digests on the way.
 *
 * @throws ApplianceError `SOURCE_INVALID` when it is not compressed; as `openDecompressed` and `writeSparseFile`
 */
export async function expandStandIn(
  disk: Disk,
  standIn: FoundFile & { readonly absolutePath: string },
  options: { readonly folder: string; readonly limits: SourceLimits; readonly context: Context },
): Promise<FoundFile & { readonly absolutePath: string }> {
  const { folder, limits, context } = options;
  const source = standIn.absolutePath;
  const target = path.join(folder, disk.file);
  const { size } = await stat(source).catch((error: unknown) => {
    throw fileError(error, source);
  });
  await makeFolder(path.dirname(target));
  await using bytes = await openDecompressed(source, context, {
    maxBytes: limits.maxExpandedBytes,
  });
  if (bytes.compression === "none") {
    throw new ApplianceError(
      "SOURCE_INVALID",
      `${source}: not compressed, expected ${disk.file} in gzip, xz, zstd or bzip2`,
    );
  }
  const { sizeBytes, digests } = await writeSparseFile(target, piecesOf(bytes), {
    digests: [...new Set(disk.checksums.map(({ type }) => type))],
    onWrite: makeWriteBudget(source, size, limits),
  });
  return {
    path: disk.file,
    absolutePath: target,
    sizeBytes,
    digests,
    xml: undefined,
  };
}
