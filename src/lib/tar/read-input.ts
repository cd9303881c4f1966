import { ApplianceError } from "../../errors.ts";
import type { ByteReader } from "../bytes/byte-reader.ts";
import { BLOCK_BYTES, NoHeaderError, type TarFormatError } from "./read-header.ts";

/** Caps on what an archive may ask for. */
export interface TarLimits {
  /** Headers of any kind, those that only extend others included. */
  readonly maxHeaders: number;
  /** Bytes of one extended header or long name. */
  readonly maxHeaderBytes: number;
  /** Runs of data in one sparse member. */
  readonly maxSegments: number;
}

/** Caps that no honest appliance comes near. */
export const defaultTarLimits: TarLimits = {
  maxHeaders: 30_000,
  maxHeaderBytes: 16 * 1024 * 1024,
  maxSegments: 500_000,
};

/** What one archive is read with. */
export interface TarInput {
  readonly reader: ByteReader;
  readonly origin: string;
  readonly limits: TarLimits;
}

/** Reads one block, or throws that the archive ends too early. */
export async function readBlock(input: TarInput, what: string): Promise<Buffer> {
  const block = await input.reader.readExactly(BLOCK_BYTES);
  if (block.length < BLOCK_BYTES) throw truncated(input, what);
  return block;
}

/** The archive ends where something was expected. */
export function truncated(input: TarInput, inside: string): ApplianceError {
  return new ApplianceError(
    "LIB_TAR_TRUNCATED",
    `${input.origin}: archive ends at byte ${input.reader.offset} where ${inside} was expected`,
    { hint: "the file is truncated: download it again" },
  );
}

/** The archive is not what it must be, at the given byte. */
export function malformed(
  input: TarInput,
  error: TarFormatError,
  at: number = input.reader.offset,
): ApplianceError {
  const message =
    at === 0 && error instanceof NoHeaderError
      ? `not a tar archive: ${error.message}`
      : `${error.message}, at byte ${at}`;
  return new ApplianceError("LIB_TAR_CORRUPT", `${input.origin}: ${message}`, { cause: error });
}

/** The archive is larger than allowed. */
export function limitExceeded(input: TarInput, fact: string): ApplianceError {
  return new ApplianceError("LIB_LIMIT_EXCEEDED", `${input.origin}: archive ${fact}`);
}

/** A member's path as messages show it: in quotes, and cut. */
export function quotePath(path: string): string {
  return `"${path.length > 200 ? `${path.slice(0, 200)}…` : path}"`;
}
