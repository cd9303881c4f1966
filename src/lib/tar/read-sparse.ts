import { countOf } from "../count-of.ts";
import type { ByteReader } from "../bytes/byte-reader.ts";
import type { Segment } from "../sparse/map.ts";
import { BLOCK_BYTES, decodeSize, TarFormatError } from "./read-header.ts";
import { parseDecimal } from "./read-pax.ts";

/** Reads one block of an archive. Throws if the archive ends too early. */
export type ReadBlock = () => Promise<Buffer>;

/** Map and real size of a sparse member. */
export interface SparseInfo {
  readonly realSizeBytes: number;
  readonly segments: readonly Segment[];
}

/** Entries of 12 + 12 bytes: 4 in the header at 386, 21 in each extension block at 0. */
const ENTRY_BYTES = 24;
const HEADER_ENTRIES = { start: 386, count: 4, extendedFlag: 482 } as const;
const EXTENSION_ENTRIES = { start: 0, count: 21, extendedFlag: 504 } as const;

/**
 * Reads the map of an old GNU sparse member (type S) from its header and the extension blocks that follow it.
 *
 * @throws TarFormatError when it is malformed or has too many segments
 */
export async function readOldGnuSparse(
  header: Buffer,
  readBlock: ReadBlock,
  options: { readonly maxSegments: number },
): Promise<SparseInfo> {
  const segments: Segment[] = [];
  let block = header;
  let layout: typeof HEADER_ENTRIES | typeof EXTENSION_ENTRIES = HEADER_ENTRIES;
  for (;;) {
    for (let index = 0; index < layout.count; index++) {
      const at = layout.start + index * ENTRY_BYTES;
      // An unused entry is all NUL. An entry with length zero is valid: GNU tar writes it for a hole at the end.
      if (block[at + 12] === 0) break;
      if (segments.length >= options.maxSegments) throw tooMany(options.maxSegments);
      segments.push({
        offset: decodeSize(block.subarray(at, at + 12), "sparse offset"),
        length: decodeSize(block.subarray(at + 12, at + 24), "sparse length"),
      });
    }
    if (block[layout.extendedFlag] === 0) break;
    layout = EXTENSION_ENTRIES;
    block = await readBlock();
  }
  return { realSizeBytes: decodeSize(header.subarray(483, 495), "sparse file's size"), segments };
}

function tooMany(maxSegments: number): TarFormatError {
  return new TarFormatError(`sparse map has more than ${countOf(maxSegments, "segment")}`);
}

/** Reads the decimal numbers of a 1.0 map from blocks; each ends with a newline. */
class NumberReader {
  readonly #readBlock: ReadBlock;
  #text = "";
  #at = 0;
  blocks = 0;

  constructor(readBlock: ReadBlock) {
    this.#readBlock = readBlock;
  }

  async next(what: string): Promise<number> {
    for (;;) {
      const end = this.#text.indexOf("\n", this.#at);
      if (end !== -1) {
        const number = parseDecimal(this.#text.slice(this.#at, end), what);
        this.#at = end + 1;
        return number;
      }
      const rest = this.#text.slice(this.#at);
      if (rest.length > 20) throw new TarFormatError(`${what} is not a decimal number`);
      this.#text = rest + (await this.#readBlock()).toString("latin1");
      this.#at = 0;
      this.blocks++;
    }
  }
}

/**
 * Reads the map of a pax sparse 1.0 member: text at the start of its data, padded to whole blocks.
 *
 * @returns the segments, and the number of bytes of the map in the member's data
 * @throws TarFormatError when it is malformed or has too many segments
 */
export async function readPaxSparse10(
  readBlock: ReadBlock,
  options: { readonly maxSegments: number },
): Promise<{ readonly segments: readonly Segment[]; readonly mapBytes: number }> {
  const numbers = new NumberReader(readBlock);
  const count = await numbers.next("sparse map's count");
  if (count > options.maxSegments) throw tooMany(options.maxSegments);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const offset = await numbers.next("sparse offset");
    segments.push({ offset, length: await numbers.next("sparse length") });
  }
  return { segments, mapBytes: numbers.blocks * BLOCK_BYTES };
}

/** Yields the stored data of a member in pieces, each with its offset in the expanded file. */
export async function* readSegments(
  reader: ByteReader,
  segments: readonly Segment[],
  onEnd: () => never,
): AsyncGenerator<TarData> {
  for (const { offset, length } of segments) {
    let done = 0;
    while (done < length) {
      const bytes = await reader.readSome(length - done);
      if (bytes.length === 0) onEnd();
      yield { position: offset + done, bytes };
      done += bytes.length;
    }
  }
}

/** A piece of a member's data. */
export interface TarData {
  /** Offset in the expanded file. */
  readonly position: number;
  /** Valid until the next piece is requested. */
  readonly bytes: Buffer;
}
