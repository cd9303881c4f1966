import type { FileHandle } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import type { Context } from "../../lib/context.ts";
import { writeAll } from "../../lib/bytes/write-all.ts";
import type { PayloadCompression } from "../../package/index.ts";
import type { RpmFormat } from "../format/rpm-format.ts";
import { payloadCompressors } from "../payload-compressors.ts";
import { BLOCK_BYTES } from "./archive-blocks.ts";
import { beginPayloadHasher, payloadHasher } from "./payload-digests.ts";
import type { MeasuredPayload } from "./payload-entries.ts";

/** Creates the blocks, with the given source of buffers. */
export type BlockSource = (nextBuffer: () => Buffer) => AsyncGenerator<Buffer, void, void>;

/** Target of the payload. */
export interface PayloadTarget {
  readonly handle: FileHandle;
  /** Offset in the file, in bytes. */
  readonly start: number;
}

/**
 * At any time, one block is read, one is hashed and one is written, so three buffers are enough for a file of any size.
 */
async function writePlain(
  source: BlockSource,
  target: PayloadTarget,
  { format, archiveBytes }: { readonly format: RpmFormat; readonly archiveBytes: number },
): Promise<MeasuredPayload> {
  const buffers = Array.from({ length: 3 }, () => Buffer.allocUnsafeSlow(BLOCK_BYTES));
  let taken = 0;
  const blocks = source(() => buffers[taken++ % buffers.length] ?? Buffer.alloc(0));
  // The source hashes each file in this thread.
  await using hasher = await beginPayloadHasher(format, archiveBytes);
  let position = target.start;
  let writing = Promise.resolve();
  try {
    let coming = blocks.next();
    for (;;) {
      const block = await coming;
      await writing;
      if (block.done === true) break;
      coming = blocks.next();
      writing = writeAll(target.handle, block.value, position);
      // Both are awaited in the next round. Until then, a failure must not count as an unhandled rejection.
      for (const promise of [coming, writing]) promise.catch(() => {});
      await hasher.update(block.value);
      position += block.value.length;
    }
  } finally {
    await Promise.allSettled([writing, blocks.return()]);
  }
  const digests = await hasher.finish();
  return { stored: digests, archive: digests, payloadBytes: position - target.start };
}

async function* digested(
  blocks: AsyncIterable<Buffer>,
  onBlock: (block: Buffer) => void,
): AsyncGenerator<Buffer, void, void> {
  for await (const block of blocks) {
    onBlock(block);
    yield block;
  }
}

/**
 * Writes the payload, compressed as planned. Hashes it before and after compression.
 *
 * @throws ApplianceError `LIB_EXEC_MISSING` if zstd is needed and not installed; `LIB_INTERRUPTED`; errors of the
 *   source
 */
export async function writePayload(
  source: BlockSource,
  target: PayloadTarget,
  options: {
    readonly compression: PayloadCompression;
    readonly format: RpmFormat;
    /** Size of the archive before compression. */
    readonly archiveBytes: number;
    readonly context: Pick<Context, "run" | "signal">;
  },
): Promise<MeasuredPayload> {
  const { compression, format, archiveBytes, context } = options;
  if (compression.compressor === "none")
    return writePlain(source, target, { format, archiveBytes });
  const archiveHasher = payloadHasher(format);
  const storedHasher = payloadHasher(format);
  let payloadBytes = 0;
  // A compressor keeps blocks for a while, so each block gets its own buffer.
  const blocks = source(() => Buffer.allocUnsafeSlow(BLOCK_BYTES));
  const input = Readable.from(
    digested(blocks, (block) => archiveHasher.update(block)),
    { objectMode: false, highWaterMark: BLOCK_BYTES },
  );
  const output = new Writable({
    highWaterMark: BLOCK_BYTES,
    write(chunk: Buffer, _encoding, done): void {
      storedHasher.update(chunk);
      const position = target.start + payloadBytes;
      payloadBytes += chunk.length;
      writeAll(target.handle, chunk, position).then(() => done(), done);
    },
  });
  const { compressor, level } = compression;
  await payloadCompressors[compressor].compress({ input, output, level, context });
  return {
    stored: storedHasher.finish(),
    archive: archiveHasher.finish(),
    payloadBytes,
  };
}
