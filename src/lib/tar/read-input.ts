import { ApplianceError } from "../../errors.ts";
import type { ByteReader } from "../bytes/byte-reader.ts";
import { BLOCK_BYTES, NoHeaderError, type TarFormatError } from "./read-header.ts";

/** Limits on the content of an archive. */
export interface TarLimits {
  /** Maximum number of headers, including extension headers. */
  readonly maxHeaders: number;
  /** Maximum bytes of one extended header or long name. */
  readonly maxHeaderBytes: number;
  /** Maximum number of data segments in one sparse member. */
  readonly maxSegments: number;
}

/** Default limits, far above the needs of any real appliance. */
export const defaultTarLimits: TarLimits = {
  maxHeaders: 30_000,
  maxHeaderBytes: 16 * 1024 * 1024,
  maxSegments: 500_000,
};

/** State for reading one archive. */
export interface TarInput {
  readonly reader: ByteReader;
  readonly origin: string;
  readonly limits: TarLimits;
}

/** Reads one block. Throws if the archive ends too early. */
export async function readBlock(input: TarInput, what: string): Promise<Buffer> {
  const block = await input.reader.readExactly(BLOCK_BYTES);
  if (block.length < BLOCK_BYTES) throw truncated(input, what);
  return block;
}

/** Returns the error for an archive that ends too early. */
export function truncated(input: TarInput, inside: string): ApplianceError {
  return new ApplianceError(
    "LIB_TAR_TRUNCATED",
    `${input.origin}: archive ends at byte ${input.reader.offset} where ${inside} was expected`,
    { hint: "the file is truncated: download it again" },
  );
}

/** Returns the error for an archive that is malformed at the given offset. */
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

/** Returns the error for an archive that exceeds a limit. */
export function limitExceeded(input: TarInput, fact: string): ApplianceError {
  return new ApplianceError("LIB_LIMIT_EXCEEDED", `${input.origin}: archive ${fact}`);
}

/** Returns the path of a member for messages: quoted, and truncated if long. */
export function quotePath(path: string): string {
  return `"${path.length > 200 ? `${path.slice(0, 200)}…` : path}"`;
}
