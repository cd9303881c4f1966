/**
 * A gzip file of members that can be separated without decompressing them: each states its own length in an extra
 * field, which every gzip reader skips (the idea of BGZF). A member may also have a note about its content.
 *
 *      0  1f 8b, method 8, flags 4 (extra field), time 0 (4), extra flags 2, system 255 (unknown)
 *     10  length of the extra field: 8, or 12 more than the note has bytes
 *     12  subfield "VA", length 4, bytes of the whole member, little-endian
 *     20  subfield "VN", length of the note, note; absent when there is no note
 *         deflate data, CRC-32, size of the content modulo 2^32
 *
 * @see RFC 1952
 */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { ApplianceError } from "../errors.ts";
import { formatSize } from "../lib/format-size.ts";

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

const PLAIN_HEADER_BYTES = 10;
const LENGTH_AT = 16;
const NOTE_AT = 20;
const SUBFIELD_HEADER_BYTES = 4;
const TRAILER_BYTES = 8;
const MAGIC = Buffer.from("1f8b08040000000002ff", "hex");
const LENGTH_FIELD = Buffer.from("56410400", "hex");
const NOTE_FIELD = Buffer.from("564e", "hex");
/** Level 9 takes four times as long as 6, and saves only a few percent. */
const LEVEL = 6;
/** Above this size, memory for the content is allocated as needed. */
const MAX_CHUNK_BYTES = 64 * 1024 * 1024;

function encodeHeader(note: Uint8Array): Buffer {
  const noteBytes = note.length === 0 ? 0 : SUBFIELD_HEADER_BYTES + note.length;
  const header = Buffer.alloc(NOTE_AT + noteBytes);
  MAGIC.copy(header);
  header.writeUInt16LE(SUBFIELD_HEADER_BYTES + 4 + noteBytes, PLAIN_HEADER_BYTES);
  LENGTH_FIELD.copy(header, 12);
  if (noteBytes > 0) {
    NOTE_FIELD.copy(header, NOTE_AT);
    header.writeUInt16LE(note.length, NOTE_AT + 2);
    header.set(note, NOTE_AT + SUBFIELD_HEADER_BYTES);
  }
  return header;
}

function withHeader(note: Uint8Array, body: Uint8Array): Buffer {
  const header = encodeHeader(note);
  header.writeUInt32LE(header.length + body.length, LENGTH_AT);
  return Buffer.concat([header, body]);
}

/**
 * Returns content as one member; the same content and note give the same bytes.
 *
 * @param note  what {@link noteOf} returns
 */
export async function encodeMember(
  content: Uint8Array,
  note: Uint8Array = Buffer.alloc(0),
): Promise<Buffer> {
  const plain = await gzipAsync(content, { level: LEVEL });
  return withHeader(note, plain.subarray(PLAIN_HEADER_BYTES));
}

/** Length of the first member's header; undefined if it was not written by {@link encodeMember}. */
function headerBytes(member: Buffer): number | undefined {
  if (!member.subarray(0, MAGIC.length).equals(MAGIC) || member.length < NOTE_AT) return undefined;
  if (!member.subarray(12, LENGTH_AT).equals(LENGTH_FIELD)) return undefined;
  const extra = member.readUInt16LE(PLAIN_HEADER_BYTES);
  const end = PLAIN_HEADER_BYTES + 2 + extra;
  if (end === NOTE_AT) return end;
  const isNote =
    end >= NOTE_AT + SUBFIELD_HEADER_BYTES &&
    end <= member.length &&
    member.subarray(NOTE_AT, NOTE_AT + 2).equals(NOTE_FIELD) &&
    member.readUInt16LE(NOTE_AT + 2) === end - NOTE_AT - SUBFIELD_HEADER_BYTES;
  return isNote ? end : undefined;
}

/** Returns the members of a file, as views of it; undefined if it was not written by {@link encodeMember}. */
export function splitMembers(file: Buffer): Buffer[] | undefined {
  const members: Buffer[] = [];
  let at = 0;
  while (at < file.length) {
    const rest = file.subarray(at);
    const bodyStart = headerBytes(rest);
    if (bodyStart === undefined) return undefined;
    const length = rest.readUInt32LE(LENGTH_AT);
    // A length of 0 would cause an endless loop.
    if (length < bodyStart + TRAILER_BYTES || length > rest.length) return undefined;
    members.push(rest.subarray(0, length));
    at += length;
  }
  return members;
}

/** Returns the note of a member from {@link splitMembers}; empty if it has none. */
export function noteOf(member: Buffer): Buffer {
  return member.subarray(NOTE_AT + SUBFIELD_HEADER_BYTES, headerBytes(member));
}

/** Returns a member with another note. Does not read its content. */
export function withNote(member: Buffer, note: Uint8Array): Buffer {
  return withHeader(note, member.subarray(headerBytes(member)));
}

/**
 * Returns the content of one member.
 *
 * @param maxBytes  maximum size of the content
 * @throws ApplianceError `REPODATA_DAMAGED`
 */
export async function decodeMember(
  member: Buffer,
  options: { readonly origin: string; readonly maxBytes: number },
): Promise<Buffer> {
  const { maxBytes } = options;
  // In one piece, because each piece costs a switch to another thread and back.
  const announced = member.readUInt32LE(member.length - 4) + 64;
  const chunkSize = Math.min(Math.max(announced, 64), maxBytes + 64, MAX_CHUNK_BYTES);
  try {
    return await gunzipAsync(member, { maxOutputLength: maxBytes, chunkSize });
  } catch (cause) {
    throw new ApplianceError(
      "REPODATA_DAMAGED",
      `${options.origin}: not gzip data of at most ${formatSize(maxBytes)}`,
      { cause },
    );
  }
}
