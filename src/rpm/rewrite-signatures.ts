import { type FileHandle, realpath } from "node:fs/promises";
import { fileError, nameForPeople, removeLeftovers, writeAtomically } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { writeAll } from "../lib/bytes/write-all.ts";
import { readOpenRpm, type RpmPackage, SIGNATURE_ALIGN } from "./read.ts";
import { encodeWithSpace, type HeaderSignature } from "./replace-signatures.ts";
import { decodeHeader } from "./rpm-header.ts";

const CHUNK_BYTES = 1024 * 1024;

/** Writes lead, a new signature header, main header and payload. */
async function copyAround(
  source: FileHandle,
  rpm: RpmPackage,
  options: { readonly signature: Buffer; readonly target: FileHandle; readonly context: Context },
): Promise<void> {
  const { signature, target, context } = options;
  const lead = Buffer.alloc(rpm.signatureStart);
  await source.read(lead, 0, lead.length, 0);
  const padding = (SIGNATURE_ALIGN - (signature.length % SIGNATURE_ALIGN)) % SIGNATURE_ALIGN;
  await writeAll(target, Buffer.concat([lead, signature, Buffer.alloc(padding)]));
  const total = rpm.fileSizeBytes - rpm.headerStart;
  const task = context.progress.start(`rewriting ${nameForPeople(rpm.path)}`, total);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let position = rpm.headerStart; ;) {
      throwIfInterrupted(context.signal, rpm.path);
      const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      await writeAll(target, buffer.subarray(0, bytesRead));
      position += bytesRead;
      task.advance(bytesRead);
    }
  } finally {
    task.done();
  }
}

/** Gives the new file the owner of the old one, and warns if this user may not do that. */
async function keepOwner(
  handle: FileHandle,
  { uid, gid, file }: { readonly uid: number; readonly gid: number; readonly file: string },
  { logger }: Pick<Context, "logger">,
): Promise<void> {
  const own = await handle.stat();
  if (own.uid === uid && own.gid === gid) return;
  await handle.chown(uid, gid).catch(() => {
    logger.warn(`${file}: belongs to ${own.uid}:${own.gid} now, not to ${uid}:${gid}`);
  });
}

/**
 * Rewrites a package with other signatures, whether or not it has room for them, and replaces the old file when the new
 * one is complete. Hard links to the old file keep the old content; a symbolic link remains a link.
 *
 * @param signatures  as {@link replaceSignatures} takes them
 * @throws ApplianceError `RPM_MALFORMED`, `RPM_NO_SIGNATURE_SPACE`; `LIB_IO`, `LIB_NO_SPACE`, `LIB_INTERRUPTED`
 */
export async function rewriteSignatures(
  file: string,
  signatures: readonly HeaderSignature[],
  context: Context,
): Promise<void> {
  try {
    const target = await realpath(file);
    await removeLeftovers(target);
    const source = await openPlainFile(target);
    try {
      const rpm = await readOpenRpm(source, file);
      const { mode, uid, gid } = await source.stat();
      const signature = encodeWithSpace(rpm.signature, signatures, file);
      decodeHeader(signature, { kind: "signature", origin: file, start: rpm.signatureStart });
      await writeAtomically(
        target,
        async (handle) => {
          await copyAround(source, rpm, { signature, target: handle, context });
          await keepOwner(handle, { uid, gid, file }, context);
        },
        { mode: mode & 0o7777 },
      );
    } finally {
      await source.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}
