import { createHash } from "node:crypto";
import { fileError } from "../atomic.ts";
import { throwIfInterrupted } from "../interrupt.ts";
import { openPlainFile } from "../plain-file.ts";

const CHUNK_BYTES = 256 * 1024;

/** Digest algorithms that descriptors and repositories use. */
export type DigestAlgorithm = "sha1" | "sha256" | "sha512";

/** Returns the digest of text or bytes in lower-case hex. */
export function digestOf(
  content: string | Uint8Array,
  algorithm: DigestAlgorithm = "sha256",
): string {
  return createHash(algorithm).update(content).digest("hex");
}

/**
 * Returns the digest of a file in lower-case hex. Reads the file once, in chunks of 256 KiB.
 *
 * @param options.onBytes  called with the size of each chunk
 */
export async function digestFile(
  file: string,
  options: {
    readonly algorithm?: DigestAlgorithm;
    readonly signal?: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
  } = {},
): Promise<string> {
  const hash = createHash(options.algorithm ?? "sha256");
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    const handle = await openPlainFile(file);
    try {
      for (;;) {
        throwIfInterrupted(options.signal, file);
        const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null);
        if (bytesRead === 0) return hash.digest("hex");
        hash.update(buffer.subarray(0, bytesRead));
        options.onBytes?.(bytesRead);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}
