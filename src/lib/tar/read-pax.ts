import { countOf } from "../count-of.ts";
import type { Segment } from "../sparse/map.ts";
import { decodeName, TarFormatError } from "./read-header.ts";

/*
 * A pax header (type x for the next member, g for all following members) contains records "LENGTH KEY=VALUE\n". LENGTH
 * is the size of the whole record in decimal. GNU tar stores sparse maps in the records:
 *
 *   0.0  GNU.sparse.size, GNU.sparse.numblocks, then GNU.sparse.offset and GNU.sparse.numbytes for each segment
 *   0.1  GNU.sparse.size, GNU.sparse.numblocks, GNU.sparse.name, GNU.sparse.map = "offset,length,offset,length"
 *   1.0  GNU.sparse.major, .minor, .name, .realsize; the map itself is text before the data
 */

/** Values of pax records for a member. Undefined: no such record. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkPath?: string;
  readonly sizeBytes?: number;
  readonly mtimeSeconds?: number;
  readonly sparse?: PaxSparse;
}

/** Values of pax records for a sparse member. */
export interface PaxSparse {
  readonly version: "0.x" | "1.0";
  readonly realSizeBytes: number | undefined;
  /** Segments of versions 0.0 and 0.1. */
  readonly segments: readonly Segment[];
  readonly name: string | undefined;
}

/** Parses a decimal number of a pax record or a sparse map. */
export function parseDecimal(text: string, what: string): number {
  if (!/^[0-9]{1,16}$/.test(text)) throw new TarFormatError(`${what} is not a decimal number`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new TarFormatError(`${what} is too large`);
  return value;
}

/** Splits the body of a pax header into its records, in order. */
function* splitRecords(body: Buffer): Generator<readonly [string, Buffer]> {
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    if (space === -1 || space - at > 10) {
      throw new TarFormatError("extended header record has no length");
    }
    const length = parseDecimal(
      body.toString("latin1", at, space),
      "extended header record's length",
    );
    const end = at + length;
    const equals = body.indexOf(0x3d, space + 1);
    if (end > body.length || body[end - 1] !== 0x0a || equals === -1 || equals >= end) {
      throw new TarFormatError("extended header record is not LENGTH KEY=VALUE");
    }
    yield [
      decodeName(body.subarray(space + 1, equals), "extended header keyword"),
      body.subarray(equals + 1, end - 1),
    ];
    at = end;
  }
}

class SparseBuilder {
  readonly #maxSegments: number;
  readonly values = new Map<string, string>();
  readonly segments: Segment[] = [];
  #offset: number | undefined;

  constructor(maxSegments: number) {
    this.#maxSegments = maxSegments;
  }

  add(key: string, value: Buffer): void {
    if (key === "map") return this.#addMap(value);
    const text = decodeName(value, `GNU.sparse.${key}`);
    if (key === "offset") {
      this.#offset = parseDecimal(text, "sparse offset");
    } else if (key === "numbytes") {
      if (this.#offset === undefined) {
        throw new TarFormatError("sparse map has a length without offset");
      }
      this.#push(this.#offset, parseDecimal(text, "sparse length"));
      this.#offset = undefined;
    } else {
      this.values.set(key, text);
    }
  }

  #push(offset: number, length: number): void {
    if (this.segments.length >= this.#maxSegments) {
      throw new TarFormatError(`sparse map has more than ${countOf(this.#maxSegments, "segment")}`);
    }
    this.segments.push({ offset, length });
  }

  #addMap(value: Buffer): void {
    let offset: number | undefined;
    let at = 0;
    while (at < value.length) {
      const comma = value.indexOf(0x2c, at);
      const end = comma === -1 ? value.length : comma;
      const number = parseDecimal(value.toString("latin1", at, end), "sparse map entry");
      if (offset === undefined) {
        offset = number;
      } else {
        this.#push(offset, number);
        offset = undefined;
      }
      at = end + 1;
    }
    if (offset !== undefined) throw new TarFormatError("sparse map has an offset without length");
  }

  build(): PaxSparse | undefined {
    if (this.values.size === 0 && this.segments.length === 0) return undefined;
    const major = this.values.get("major") ?? "0";
    const minor = this.values.get("minor") ?? "0";
    const version = major === "1" && minor === "0" ? "1.0" : "0.x";
    if (version === "0.x" && major !== "0") {
      throw new TarFormatError(`sparse format ${major}.${minor} is not supported`);
    }
    const blocks = this.values.get("numblocks");
    if (blocks !== undefined && parseDecimal(blocks, "sparse count") !== this.segments.length) {
      throw new TarFormatError(
        `sparse map has ${countOf(this.segments.length, "segment")}, but ${blocks} in its header`,
      );
    }
    const real = this.values.get(version === "1.0" ? "realsize" : "size");
    return {
      version,
      realSizeBytes: real === undefined ? undefined : parseDecimal(real, "sparse file's size"),
      segments: this.segments,
      name: this.values.get("name"),
    };
  }
}

/**
 * Parses the body of a pax header of one member.
 *
 * @throws TarFormatError when it is malformed or uses an unknown sparse format
 */
export function parsePax(body: Buffer, options: { readonly maxSegments: number }): PaxRecords {
  const sparse = new SparseBuilder(options.maxSegments);
  const text = new Map<string, string>();
  for (const [key, value] of splitRecords(body)) {
    if (key.startsWith("GNU.sparse.")) sparse.add(key.slice("GNU.sparse.".length), value);
    else if (key === "SCHILY.realsize")
      throw new TarFormatError("star's sparse format is not supported");
    else if (["path", "linkpath", "size", "mtime"].includes(key)) {
      text.set(key, decodeName(value, `extended header's ${key}`));
    }
  }
  const size = text.get("size");
  const mtime = Number.parseFloat(text.get("mtime") ?? "");
  const path = text.get("path");
  const linkPath = text.get("linkpath");
  const sparseRecords = sparse.build();
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined ? {} : { sizeBytes: parseDecimal(size, "extended header's size") }),
    ...(Number.isFinite(mtime) ? { mtimeSeconds: Math.floor(mtime) } : {}),
    ...(sparseRecords === undefined ? {} : { sparse: sparseRecords }),
  };
}

/**
 * Checks the body of a global pax header. Comments and times are ignored. Records that would rename or resize every
 * member are refused, because readers differ in their handling.
 */
export function checkGlobalPax(body: Buffer): void {
  for (const [key] of splitRecords(body)) {
    if (key === "path" || key === "linkpath" || key === "size" || key.startsWith("GNU.sparse.")) {
      throw new TarFormatError(`global extended header sets ${key} for every member`);
    }
  }
}
