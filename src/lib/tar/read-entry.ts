import { countSegmentBytes, findSegmentFault, type Segment } from "../sparse/map.ts";
import { BLOCK_BYTES, TarFormatError, type TarHeader } from "./read-header.ts";
import { quotePath, readBlock, type TarInput, truncated } from "./read-input.ts";
import type { PaxRecords } from "./read-pax.ts";
import { readOldGnuSparse, readPaxSparse10, readSegments, type TarData } from "./read-sparse.ts";

/** Type of a member. */
export type TarEntryType =
  | "file"
  | "directory"
  | "symbolic link"
  | "hard link"
  | "character device"
  | "block device"
  | "fifo";

/** One member of an archive. Its data can be read once, before the next member is requested. */
export interface TarEntry {
  /** Path as in the archive. It is not checked: it may be absolute or contain "..". */
  readonly path: string;
  readonly type: TarEntryType;
  /** Target of a link; not checked. */
  readonly linkTarget: string;
  /** Size of the expanded file. */
  readonly sizeBytes: number;
  /** Ranges of its data in the expanded file, without the holes. */
  readonly segments: readonly Segment[];
  /** Whether the archive stores the member as a sparse file. */
  readonly sparse: boolean;
  readonly mode: number;
  readonly mtimeSeconds: number;
  /** Offset of its header in the decompressed archive. */
  readonly headerOffset: number;
  data(): AsyncIterable<TarData>;
}

const types: Readonly<Record<string, TarEntryType>> = {
  "0": "file",
  "7": "file",
  S: "file",
  "1": "hard link",
  "2": "symbolic link",
  "3": "character device",
  "4": "block device",
  "5": "directory",
  "6": "fifo",
};

/** Data of extension headers, which describe the next member. */
export interface Extension {
  longName?: string;
  longLink?: string;
  pax?: PaxRecords;
}

/**
 * Combines a header with its extension headers, and reads the sparse map of a sparse member.
 *
 * @returns the member, and the number of padding bytes after its data
 */
export async function describeEntry(
  input: TarInput,
  found: { header: TarHeader; block: Buffer; extension: Extension; at: number },
): Promise<{ readonly entry: TarEntry; readonly padding: number }> {
  const { header, block, extension, at } = found;
  const { pax } = extension;
  const path = pax?.sparse?.name ?? pax?.path ?? extension.longName ?? header.name;
  const known = types[header.type];
  if (known === undefined) {
    throw new TarFormatError(`member ${quotePath(path)} has the unknown type "${header.type}"`);
  }
  const type = known === "file" && path.endsWith("/") ? "directory" : known;
  const storedBytes = pax?.sizeBytes ?? header.sizeBytes;
  if (type !== "file" && storedBytes > 0) {
    throw new TarFormatError(
      `member ${quotePath(path)} is a ${type} with ${storedBytes} bytes of data`,
    );
  }
  const map = await readMap(input, { header, block, pax, storedBytes });
  const segments = map?.segments ?? [{ offset: 0, length: storedBytes }];
  const sizeBytes = map?.realSizeBytes ?? storedBytes;
  const fault =
    findSegmentFault(segments, sizeBytes) ??
    (countSegmentBytes(segments) === (map?.dataBytes ?? storedBytes)
      ? undefined
      : `it describes ${countSegmentBytes(segments)} bytes, but ${map?.dataBytes ?? 0} are stored`);
  if (fault !== undefined) {
    throw new TarFormatError(`member ${quotePath(path)} has an invalid sparse map: ${fault}`);
  }
  const entry: TarEntry = {
    path,
    type,
    linkTarget: pax?.linkPath ?? extension.longLink ?? header.linkName,
    sizeBytes,
    segments,
    sparse: map !== undefined,
    mode: header.mode,
    mtimeSeconds: pax?.mtimeSeconds ?? header.mtimeSeconds,
    headerOffset: at,
    data: () =>
      readSegments(input.reader, segments, () => {
        throw truncated(input, `the data of ${quotePath(path)}`);
      }),
  };
  return { entry, padding: (BLOCK_BYTES - (storedBytes % BLOCK_BYTES)) % BLOCK_BYTES };
}

interface MemberMap {
  readonly realSizeBytes: number;
  readonly segments: readonly Segment[];
  /** Number of data bytes that follow in the archive. */
  readonly dataBytes: number;
}

async function readMap(
  input: TarInput,
  member: {
    header: TarHeader;
    block: Buffer;
    pax: PaxRecords | undefined;
    storedBytes: number;
  },
): Promise<MemberMap | undefined> {
  const { header, block, storedBytes } = member;
  const nextBlock = (): Promise<Buffer> => readBlock(input, "a sparse map");
  if (header.type === "S") {
    const old = await readOldGnuSparse(block, nextBlock, input.limits);
    return { ...old, dataBytes: storedBytes };
  }
  const sparse = member.pax?.sparse;
  if (sparse === undefined) return undefined;
  if (sparse.realSizeBytes === undefined) throw new TarFormatError("sparse map without file size");
  if (sparse.version === "0.x") {
    return {
      realSizeBytes: sparse.realSizeBytes,
      segments: sparse.segments,
      dataBytes: storedBytes,
    };
  }
  const { segments, mapBytes } = await readPaxSparse10(nextBlock, input.limits);
  if (mapBytes > storedBytes) throw new TarFormatError("sparse map is longer than its member");
  return { realSizeBytes: sparse.realSizeBytes, segments, dataBytes: storedBytes - mapBytes };
}
