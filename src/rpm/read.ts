import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { checkParallelLists } from "./check-parallel.ts";
import { HEADER_INTRO_BYTES } from "./format/header.ts";
import { decodeHeaderIntro } from "./format/header-decode.ts";
import { decodeLead, type Lead, LEAD_BYTES } from "./format/lead.ts";
import { malformed } from "./format/malformed.ts";
import type { RpmFormat } from "./format/rpm-format.ts";
import type { HeaderKind, TagName } from "./format/tags.ts";
import { decodeHeader, type RpmHeader } from "./rpm-header.ts";

/** The signature header is padded to a multiple of this size. */
export const SIGNATURE_ALIGN = 8;

/** Name, epoch, version, release and architecture, which identify a package. */
export interface Nevra {
  readonly name: string;
  readonly epoch: number | undefined;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
}

/** A package on disk, without the payload, which begins at `headerEnd`. */
export interface RpmPackage {
  readonly path: string;
  readonly fileSizeBytes: number;
  readonly mtimeSeconds: number;
  readonly lead: Lead;
  readonly signature: RpmHeader<"signature">;
  readonly header: RpmHeader<"main">;
  /** Offset of the signature header in the file, in bytes. */
  readonly signatureStart: number;
  /** Offset of the main header in the file, in bytes. */
  readonly headerStart: number;
  /** Offset of the payload: the first byte after the main header. */
  readonly headerEnd: number;
  readonly nevra: Nevra;
  /** True if it is a source package by rpm's rules. */
  readonly isSource: boolean;
}

interface OpenPackage {
  readonly read: (buffer: Buffer, at: number, length: number, position: number) => Promise<number>;
  readonly origin: string;
  readonly fileSizeBytes: number;
  readonly mtimeSeconds: number;
}

async function readExactly(file: OpenPackage, start: number, length: number): Promise<Buffer> {
  if (start + length > file.fileSizeBytes) {
    const fact = `ends here, expected ${start + length - file.fileSizeBytes} bytes more`;
    throw malformed(file.origin, file.fileSizeBytes, fact);
  }
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const bytesRead = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw malformed(file.origin, start + done, "ends while it is read");
    done += bytesRead;
  }
  return bytes;
}

async function readHeader<Kind extends HeaderKind>(
  file: OpenPackage,
  kind: Kind,
  start: number,
): Promise<RpmHeader<Kind>> {
  const place = { kind, origin: file.origin, start };
  const intro = decodeHeaderIntro(await readExactly(file, start, HEADER_INTRO_BYTES), place);
  return decodeHeader(await readExactly(file, start, intro.totalBytes), place);
}

function identify(header: RpmHeader<"main">, origin: string, start: number): Nevra {
  const text = (tag: TagName<"main">): string => {
    const value = header.string(tag);
    if (value === undefined || value === "") throw malformed(origin, start, `has no ${tag}`);
    // eslint-disable-next-line no-control-regex -- control characters are what is searched for
    if (/[\u0000-\u0020\u007f/]/.test(value)) {
      throw malformed(
        origin,
        start,
        `${tag} "${value}" contains a space, slash or control character`,
      );
    }
    return value;
  };
  return {
    name: text("NAME"),
    epoch: header.integers("EPOCH")[0],
    version: text("VERSION"),
    release: text("RELEASE"),
    arch: text("ARCH"),
  };
}

/** Returns the format of a package. */
export function formatOf({ header }: Pick<RpmPackage, "header">): RpmFormat {
  return header.integers("RPMFORMAT")[0] === 6 ? 6 : 4;
}

/** rpm's rule, also for packages without the tag: files of source packages have no folder. */
function holdsSources(header: RpmHeader<"main">): boolean {
  if (header.has("SOURCERPM")) return false;
  const folders = header.strings("DIRNAMES");
  return header.has("SOURCEPACKAGE") || (folders.length === 1 && folders[0] === "");
}

/**
 * Reads lead and both headers of a package, not its payload.
 *
 * @param path  of a package in rpm's v4 or v6 format
 * @throws ApplianceError `RPM_MALFORMED`, with the byte offset, for any violation of the format; `LIB_IO` if the file
 *   cannot be read
 */
export async function readRpm(path: string): Promise<RpmPackage> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK, opening a fifo would wait for a writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw fileError(error, path);
  }
  try {
    return await readOpenRpm(handle, path);
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await handle.close();
  }
}

/** Like {@link readRpm}, for an open file. */
export async function readOpenRpm(handle: FileHandle, path: string): Promise<RpmPackage> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new ApplianceError("LIB_IO", `${path}: not a regular file`);
  return parseRpm({
    origin: path,
    fileSizeBytes: stats.size,
    mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
    read: async (buffer, at, length, position) =>
      (await handle.read(buffer, at, length, position)).bytesRead,
  });
}

/**
 * Like {@link readRpm}, for the content of a file, which has no modification time.
 *
 * @param file.path  its name in messages
 */
export async function readRpmContent(
  content: Buffer,
  file: { readonly path: string },
): Promise<RpmPackage> {
  return parseRpm({
    origin: file.path,
    fileSizeBytes: content.length,
    mtimeSeconds: 0,
    read: async (buffer, at, length, position) =>
      content.copy(buffer, at, position, position + length),
  });
}

async function parseRpm(file: OpenPackage): Promise<RpmPackage> {
  const path = file.origin;
  const lead = decodeLead(await readExactly(file, 0, LEAD_BYTES), path);
  const signature = await readHeader(file, "signature", LEAD_BYTES);
  const signatureBytes = Math.ceil(signature.raw.length / SIGNATURE_ALIGN) * SIGNATURE_ALIGN;
  const headerStart = LEAD_BYTES + signatureBytes;
  const header = await readHeader(file, "main", headerStart);
  checkParallelLists(header, { kind: "main", origin: path, start: headerStart });
  return {
    path,
    fileSizeBytes: file.fileSizeBytes,
    mtimeSeconds: file.mtimeSeconds,
    lead,
    signature,
    header,
    signatureStart: LEAD_BYTES,
    headerStart,
    headerEnd: headerStart + header.raw.length,
    nevra: identify(header, path, headerStart),
    isSource: holdsSources(header),
  };
}
