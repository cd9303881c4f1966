import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import type { RpmPackage } from "../rpm/index.ts";

const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a package outside of its parsed headers. */
export interface PackageContent {
  readonly lead: Buffer;
  /** Between the two headers. */
  readonly padding: Buffer;
  /** The stored payload in pieces; it can be read once. */
  readonly payload: AsyncIterable<Buffer> | Iterable<Buffer>;
}

function edgesOf(rpm: RpmPackage, start: Buffer): { lead: Buffer; padding: Buffer } {
  const paddingStart = rpm.signatureStart + rpm.signature.raw.length;
  return {
    lead: start.subarray(0, rpm.signatureStart),
    padding: start.subarray(paddingStart, rpm.headerStart),
  };
}

/** Returns the content of a package in memory. */
export function heldContent(rpm: RpmPackage, bytes: Buffer): PackageContent {
  return { ...edgesOf(rpm, bytes), payload: [bytes.subarray(rpm.headerEnd)] };
}

async function* readPayload({ path, headerEnd }: RpmPackage): AsyncGenerator<Buffer> {
  const handle = await openPlainFile(path);
  const options = { start: headerEnd, highWaterMark: CHUNK_BYTES };
  yield* handle.createReadStream(options) as AsyncIterable<Buffer>;
}

/**
 * Returns the content of the package's file. The payload is read on request.
 *
 * @throws ApplianceError `LIB_IO`
 */
export async function fileContent(rpm: RpmPackage): Promise<PackageContent> {
  try {
    await using handle = await openPlainFile(rpm.path);
    const start = Buffer.alloc(rpm.headerStart);
    await handle.read(start, 0, start.length, 0);
    return { ...edgesOf(rpm, start), payload: readPayload(rpm) };
  } catch (error) {
    throw fileError(error, rpm.path);
  }
}

function changed({ path }: RpmPackage): ApplianceError {
  return new ApplianceError("RPM_MALFORMED", `${path}: changed while it was read`);
}

/** Yields the remaining pieces, and counts all bytes. */
async function* payloadOf(
  rpm: RpmPackage,
  start: Buffer,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  let total = start.length;
  if (total > rpm.headerEnd) yield start.subarray(rpm.headerEnd);
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    total += next.value.length;
    yield next.value;
  }
  if (total !== rpm.fileSizeBytes) throw changed(rpm);
}

/**
 * Returns the content of a package from a stream of all its bytes.
 *
 * @param rpm  its headers, already read
 * @throws ApplianceError `RPM_MALFORMED` if the stream has other headers; the payload throws it if the final size
 *   differs
 */
export async function passingContent(
  rpm: RpmPackage,
  pieces: AsyncIterable<Buffer>,
): Promise<PackageContent> {
  const rest = pieces[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  for (let length = 0; length < rpm.headerEnd;) {
    const next = await rest.next();
    if (next.done === true) throw changed(rpm);
    // The memory of a piece may be reused for a later one.
    parts.push(Buffer.from(next.value));
    length += next.value.length;
  }
  const start = Buffer.concat(parts);
  const isThere = (bytes: Buffer, at: number): boolean =>
    start.subarray(at, at + bytes.length).equals(bytes);
  const { signature, header } = rpm;
  if (!isThere(signature.raw, rpm.signatureStart) || !isThere(header.raw, rpm.headerStart)) {
    throw changed(rpm);
  }
  return { ...edgesOf(rpm, start), payload: payloadOf(rpm, start, rest) };
}
