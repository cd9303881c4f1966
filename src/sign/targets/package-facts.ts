import { openPlainFile } from "../../lib/plain-file.ts";
import type { RpmPackage } from "../../rpm/index.ts";
import {
  decodeLaxSignature,
  type LaxSignature,
  SignaturePacketError,
} from "../signature-decode.ts";

/** Dependencies of a package that nothing known provides. */
export interface Unprovided {
  readonly requires: readonly string[];
  readonly recommends: readonly string[];
}

/** Facts about a package that decide where it can be installed. */
export interface PackageFacts {
  readonly rpm: RpmPackage;
  /** Signatures that rpm before version 6 reads: those of the tags RSA, DSA, PGP and GPG. */
  readonly legacySignatures: readonly LaxSignature[];
  /** Signatures that rpm 6 reads: those of the tag OPENPGP if it exists, else the legacy ones. */
  readonly currentSignatures: readonly LaxSignature[];
  /** Memory that decompression of a zstd payload needs, in bytes; undefined for other payloads. */
  readonly zstdWindowBytes: number | undefined;
  /** Undefined if no repository was searched. */
  readonly missing: Unprovided | undefined;
}

/** RFC 8878, 3.1.1: the longest header of a frame, with its magic number. */
const FRAME_HEADER_BYTES = 18;

function decoded(packet: Uint8Array): readonly LaxSignature[] {
  try {
    return [decodeLaxSignature(packet)];
  } catch (error) {
    // `verifyRpm` reports invalid signatures.
    if (error instanceof SignaturePacketError) return [];
    throw error;
  }
}

/**
 * Returns the window size that a zstd frame states, in bytes.
 *
 * @param frame  its first bytes, little-endian (RFC 8878, 3.1.1.1)
 * @returns undefined if it is no zstd frame
 */
export function zstdWindowBytes(frame: Buffer): number | undefined {
  if (frame.length < 6 || frame.readUInt32LE(0) !== 0xfd2fb528) return undefined;
  const descriptor = frame.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (!isSingleSegment) {
    const window = frame.readUInt8(5);
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const width = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  if (frame.length < at + width) return undefined;
  if (width === 8) return Number(frame.readBigUInt64LE(at));
  return frame.readUIntLE(at, width) + (width === 2 ? 256 : 0);
}

async function readWindow(rpm: RpmPackage): Promise<number | undefined> {
  if (rpm.header.string("PAYLOADCOMPRESSOR") !== "zstd") return undefined;
  await using handle = await openPlainFile(rpm.path);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);
  const { bytesRead } = await handle.read(frame, 0, frame.length, rpm.headerEnd);
  return zstdWindowBytes(frame.subarray(0, bytesRead));
}

/**
 * Reads the facts of a package: its headers, and the first bytes of its payload.
 *
 * @throws ApplianceError `LIB_IO`
 */
export async function readPackageFacts(
  rpm: RpmPackage,
  missing?: Unprovided,
): Promise<PackageFacts> {
  const { signature } = rpm;
  const legacySignatures = (["RSA", "DSA", "PGP", "GPG"] as const).flatMap((tag) =>
    decoded(signature.bytes(tag) ?? new Uint8Array()),
  );
  const openPgp = signature.strings("OPENPGP");
  return {
    rpm,
    legacySignatures,
    currentSignatures: signature.has("OPENPGP")
      ? openPgp.flatMap((text) => decoded(Buffer.from(text, "base64")))
      : legacySignatures,
    zstdWindowBytes: await readWindow(rpm),
    missing,
  };
}
