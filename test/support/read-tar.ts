import { ByteReader } from "../../src/lib/bytes/byte-reader.ts";
import type { ByteSource } from "../../src/lib/bytes/byte-source.ts";
import { readTar, type TarEntry, type TarLimits } from "../../src/lib/tar/read.ts";

/** Returns a source that hands out bytes in pieces of the given size. */
export function bytesSource(bytes: Buffer, pieceBytes: number = 64 * 1024): ByteSource {
  let at = 0;
  return {
    next: async () => {
      const piece = bytes.subarray(at, at + pieceBytes);
      at += piece.length;
      return piece.length === 0 ? undefined : piece;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A member with its expanded content. */
export type ReadMember = TarEntry & { readonly content: Buffer };

/** Reads an archive from memory, everything of it. */
export async function readTarBytes(
  bytes: Buffer,
  options: { readonly pieceBytes?: number; readonly limits?: Partial<TarLimits> } = {},
): Promise<ReadMember[]> {
  const members: ReadMember[] = [];
  const reader = new ByteReader(bytesSource(bytes, options.pieceBytes));
  const limits = options.limits ?? {};
  for await (const entry of readTar(reader, { origin: "test.tar", limits })) {
    const content = Buffer.alloc(entry.sizeBytes);
    for await (const { position, bytes: piece } of entry.data()) piece.copy(content, position);
    members.push({ ...entry, content });
  }
  return members;
}
