import type { ByteReader } from "../bytes/byte-reader.ts";
import { formatSizes } from "../format-size.ts";
import { countSegmentBytes } from "../sparse/map.ts";
import { describeEntry, type Extension, type TarEntry } from "./read-entry.ts";
import {
  BLOCK_BYTES,
  decodeHeader,
  decodeName,
  isZeroBlock,
  TarFormatError,
  type TarHeader,
} from "./read-header.ts";
import {
  defaultTarLimits,
  limitExceeded,
  malformed,
  quotePath,
  readBlock,
  type TarInput,
  type TarLimits,
  truncated,
} from "./read-input.ts";
import { checkGlobalPax, parsePax } from "./read-pax.ts";

export type { TarEntry, TarEntryType } from "./read-entry.ts";
export type { TarLimits } from "./read-input.ts";
export type { TarData } from "./read-sparse.ts";

/**
 * Yields the members of a tar archive in order. Supports ustar, GNU and pax, with all four GNU sparse formats.
 * Data that the caller does not read is skipped. An archive without an end marker is refused as truncated.
 *
 * @param options.origin  the archive's name, for messages
 * @throws ApplianceError `LIB_TAR_CORRUPT`, `LIB_TAR_TRUNCATED` (both with the byte offset), `LIB_LIMIT_EXCEEDED`
 * @see GNU tar manual, "Tar Internals"; POSIX.1-2017, pax
 */
export async function* readTar(
  reader: ByteReader,
  options: { readonly origin: string; readonly limits?: Partial<TarLimits> },
): AsyncGenerator<TarEntry> {
  const limits = { ...defaultTarLimits, ...options.limits };
  const input: TarInput = { reader, origin: options.origin, limits };
  let extension: Extension = {};
  for (let headers = 0; ; headers++) {
    const at = reader.offset;
    const block = await readBlock(input, "a header");
    if (isZeroBlock(block)) return expectEnd(input, extension);
    if (headers >= limits.maxHeaders) {
      throw limitExceeded(input, `has more than ${limits.maxHeaders} members`);
    }
    try {
      const header = decodeHeader(block);
      if (await readExtension(input, header, extension)) continue;
      const { entry, padding } = await describeEntry(input, { header, block, extension, at });
      extension = {};
      const end = reader.offset + countSegmentBytes(entry.segments);
      yield entry;
      const rest = end - reader.offset + padding;
      if ((await reader.skip(rest)) < rest) {
        throw truncated(input, `the data of ${quotePath(entry.path)}`);
      }
    } catch (error) {
      throw error instanceof TarFormatError ? malformed(input, error, at) : error;
    }
  }
}

async function expectEnd(input: TarInput, extension: Extension): Promise<void> {
  if (Object.keys(extension).length > 0) {
    throw malformed(input, new TarFormatError("extended header is not followed by a member"));
  }
  // One zero block also ends the archive if nothing follows. A header after it is refused: some readers would read it.
  const at = input.reader.offset;
  const second = await input.reader.readExactly(BLOCK_BYTES);
  if (!isZeroBlock(second)) {
    throw malformed(input, new TarFormatError("data follows a single block of zeros"), at);
  }
}

/** Reads an extension header for the next header. Returns whether the header is an extension header. */
async function readExtension(
  input: TarInput,
  header: TarHeader,
  extension: Extension,
): Promise<boolean> {
  if (header.type === "V") {
    await readBody(input, header);
    return true;
  }
  if (!["L", "K", "x", "X", "g"].includes(header.type)) return false;
  const body = await readBody(input, header);
  const name = (): string => decodeName(untilNul(body), "long name");
  if (header.type === "L") extension.longName = name();
  else if (header.type === "K") extension.longLink = name();
  else if (header.type === "g") checkGlobalPax(body);
  else if (extension.pax !== undefined) throw new TarFormatError("extended header appears twice");
  else extension.pax = parsePax(body, input.limits);
  return true;
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

async function readBody(input: TarInput, header: TarHeader): Promise<Buffer> {
  const { sizeBytes } = header;
  if (sizeBytes > input.limits.maxHeaderBytes) {
    const [found, most] = formatSizes(sizeBytes, input.limits.maxHeaderBytes);
    throw limitExceeded(input, `has an extended header of ${found}, expected at most ${most}`);
  }
  const padded = Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  const body = await input.reader.readExactly(padded);
  if (body.length < padded) throw truncated(input, "an extended header");
  return body.subarray(0, sizeBytes);
}
