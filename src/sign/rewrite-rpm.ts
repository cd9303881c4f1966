import { createReadStream } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { writeAtomically } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { replaceSignatures } from "../rpm/index.ts";
import type { HeaderSignature, RpmPackage } from "../rpm/index.ts";
import { LEAD_BYTES } from "./lead-check.ts";

/** Layout of a header, as in `rpm/format/header.ts`. */
const INTRO_BYTES = 16;
const ENTRY_BYTES = 16;
const ALIGN_BYTES = 8;

/** Tag and type of reserved space, and what rpmbuild reserves. */
const RESERVED_SPACE = 1008;
const BIN = 7;
const RESERVED_BYTES = 4128;

/**
 * Answers a signature header with more reserved space: what it has is made larger, or a new last entry is added.
 *
 * @param raw  a whole signature header, region and all, as it was read and checked
 */
export function growReservedSpace(raw: Buffer): Buffer {
  const entries = raw.readUInt32BE(8);
  const dataBytes = raw.readUInt32BE(12);
  const dataStart = INTRO_BYTES + entries * ENTRY_BYTES;
  const index = Buffer.from(raw.subarray(INTRO_BYTES, dataStart));
  const data = raw.subarray(dataStart, raw.length - ENTRY_BYTES);
  const last = index.subarray(-ENTRY_BYTES);
  const lastTag = last.readUInt32BE(0);
  const isReserved = entries > 1 && (lastTag === RESERVED_SPACE || lastTag === 999);
  if (lastTag > RESERVED_SPACE) {
    throw new ApplianceError(
      "RPM_NO_SIGNATURE_SPACE",
      `tag ${lastTag} stands behind reserved space`,
    );
  }
  const added = Buffer.alloc(isReserved ? 0 : ENTRY_BYTES);
  if (isReserved) {
    last.writeUInt32BE(last.readUInt32BE(12) + RESERVED_BYTES, 12);
  } else {
    for (const [i, value] of [RESERVED_SPACE, BIN, data.length, RESERVED_BYTES].entries()) {
      added.writeUInt32BE(value, i * 4);
    }
  }
  const intro = Buffer.from(raw.subarray(0, INTRO_BYTES));
  const newEntries = entries + (isReserved ? 0 : 1);
  intro.writeUInt32BE(newEntries, 8);
  intro.writeUInt32BE(dataBytes + RESERVED_BYTES, 12);
  index.writeUInt32BE(dataBytes - ENTRY_BYTES + RESERVED_BYTES, 8);
  const trailer = Buffer.from(raw.subarray(-ENTRY_BYTES));
  trailer.writeInt32BE(-newEntries * ENTRY_BYTES, 8);
  return Buffer.concat([intro, index, added, data, Buffer.alloc(RESERVED_BYTES), trailer]);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done);
    done += bytesWritten;
  }
}

async function copyWithSpace(rpm: RpmPackage, handle: FileHandle, context: Context): Promise<void> {
  const lead = Buffer.alloc(LEAD_BYTES);
  const source = await open(rpm.path, "r");
  try {
    await source.read(lead, 0, LEAD_BYTES, 0);
  } finally {
    await source.close();
  }
  const grown = growReservedSpace(rpm.signature.raw);
  const padding = Buffer.alloc((ALIGN_BYTES - (grown.length % ALIGN_BYTES)) % ALIGN_BYTES);
  await writeAll(handle, Buffer.concat([lead, grown, padding]));
  const pieces = createReadStream(rpm.path, { start: rpm.headerStart, highWaterMark: 1024 * 1024 });
  const total = rpm.fileSizeBytes - rpm.headerStart;
  const task = context.progress.start(`rewrite ${path.basename(rpm.path)}`, total);
  try {
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      throwIfInterrupted(context.signal, rpm.path);
      await writeAll(handle, piece);
      task.advance(piece.length);
    }
  } finally {
    task.done();
  }
}

/**
 * Writes a package anew with reserved space and the given signatures, and puts it in the place of the old one when it is
 * complete. Other names of the old file (hard links) keep the old content.
 */
export async function rewriteWithSignatures(
  rpm: RpmPackage,
  signatures: readonly HeaderSignature[],
  context: Context,
): Promise<void> {
  const target = await realpath(rpm.path);
  const { mode } = await stat(target);
  await writeAtomically(
    target,
    async (handle, temporaryPath) => {
      await copyWithSpace(rpm, handle, context);
      await replaceSignatures(temporaryPath, signatures);
    },
    { mode: mode & 0o7777 },
  );
}
