import { Readable } from "node:stream";
import { pack, type Pack } from "tar-stream";
import { countSegmentBytes, type Segment } from "../sparse/map.ts";

/** A member to write. All members belong to root; the caller determines times and modes. */
export type TarMember =
  | { readonly kind: "directory"; readonly path: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly sizeBytes: number;
      /** Ranges of its data; the rest is written as holes. */
      readonly segments: readonly Segment[];
      /** Returns the data of all segments in order, without the holes. */
      readonly data: () => AsyncIterable<Buffer> | Iterable<Buffer>;
      readonly isExecutable?: boolean;
    };

type Header = Parameters<Pack["entry"]>[0];
type Sink = ReturnType<Pack["entry"]>;

const BLOCK_BYTES = 512;

/** Latest time that tar-stream can write into a header; later times are written into an extended header. */
const LAST_HEADER_SECOND = 0x7fffffff;

/**
 * Encodes the map at the start of the data of a pax sparse 1.0 member: the count, then offset and length of each
 * segment, one decimal number per line, padded to whole blocks. After a hole at the end comes an empty segment at the
 * file's size: without it, GNU tar does not set the size of the file.
 *
 * @see GNU tar manual, "Storing Sparse Files", PAX Format Version 1.0
 */
export function encodeSparseMap(segments: readonly Segment[], sizeBytes: number): Buffer {
  const last = segments.at(-1);
  const end = last === undefined ? 0 : last.offset + last.length;
  const all = end < sizeBytes ? [...segments, { offset: sizeBytes, length: 0 }] : segments;
  const text = [all.length, ...all.flatMap(({ offset, length }) => [offset, length])].join("\n");
  const bytes = Buffer.from(`${text}\n`, "latin1");
  return Buffer.concat([bytes], Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
}

/**
 * Returns a tar archive of these members as a stream: POSIX headers, pax if a name or size requires it, and pax sparse
 * 1.0 for files with holes. The same members give the same bytes.
 *
 * @param options.mtimeSeconds  modification time of every member
 */
export function writeTar(
  members: Iterable<TarMember>,
  options: { readonly mtimeSeconds: number },
): Readable {
  const archive = pack();
  void addMembers(archive, members, options.mtimeSeconds).then(
    () => archive.finalize(),
    (error: unknown) => {
      archive.destroy(error instanceof Error ? error : new Error(String(error)));
    },
  );
  return Readable.from(archive, { objectMode: false, highWaterMark: 1024 * 1024 });
}

async function addMembers(
  archive: Pack,
  members: Iterable<TarMember>,
  mtimeSeconds: number,
): Promise<void> {
  const common = {
    mtime: new Date(Math.min(mtimeSeconds, LAST_HEADER_SECOND) * 1000),
    uid: 0,
    gid: 0,
    uname: "root",
    gname: "root",
  };
  const late: Record<string, string> =
    mtimeSeconds > LAST_HEADER_SECOND ? { mtime: String(mtimeSeconds) } : {};
  for (const member of members) {
    if (member.kind === "directory") {
      await addEntry(
        archive,
        { ...common, type: "directory", name: `${member.path}/`, mode: 0o755, ...withPax(late) },
        [],
      );
      continue;
    }
    const { path, sizeBytes, segments } = member;
    const dataBytes = countSegmentBytes(segments);
    const file = {
      ...common,
      type: "file",
      mode: member.isExecutable === true ? 0o755 : 0o644,
    } as const;
    if (dataBytes === sizeBytes) {
      await addEntry(
        archive,
        { ...file, name: path, size: sizeBytes, ...withPax(late) },
        member.data(),
      );
      continue;
    }
    const map = encodeSparseMap(segments, sizeBytes);
    const pax = {
      ...late,
      "GNU.sparse.major": "1",
      "GNU.sparse.minor": "0",
      "GNU.sparse.name": path,
      "GNU.sparse.realsize": String(sizeBytes),
    };
    await addEntry(
      archive,
      { ...file, name: `GNUSparseFile.0/${path}`, size: map.length + dataBytes, pax },
      joined(map, member.data()),
    );
  }
}

function withPax(pax: Readonly<Record<string, string>>): Pick<Header, "pax"> {
  return Object.keys(pax).length === 0 ? {} : { pax };
}

async function* joined(
  first: Buffer,
  rest: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/** Adds one member. Resolves when tar-stream has processed it. */
async function addEntry(
  archive: Pack,
  header: Header,
  data: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const { promise: ended, callback } = settledByCallback();
  const sink = archive.entry(header, callback);
  // The await at the end throws the error; the stream itself must also have a listener.
  ended.catch(() => undefined);
  sink.on("error", () => undefined);
  for await (const chunk of data) {
    if (sink.destroyed) break;
    if (!sink.write(chunk)) await drained(sink);
  }
  sink.end(null);
  await ended;
}

async function drained(sink: Sink): Promise<void> {
  if (sink.destroyed) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      sink.off("drain", settle);
      sink.off("close", settle);
      resolve();
    };
    sink.on("drain", settle);
    sink.on("close", settle);
  });
}

function settledByCallback(): {
  readonly promise: Promise<void>;
  readonly callback: (error?: Error | null) => void;
} {
  let callback: (error?: Error | null) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    callback = (error) => {
      if (error instanceof Error) reject(error);
      else resolve();
    };
  });
  return { promise, callback };
}
