import { countOf } from "../../lib/count-of.ts";
import { formatSizes } from "../../lib/format-size.ts";
/**
 * qcow2, version 2 (72-byte header) and 3 (104 bytes and more), big-endian:
 *   0 magic "QFI\xfb"   4 version   8 backing file offset   16 backing file size   20 cluster bits   24 size
 *   32 encryption   36 L1 entries   40 L1 offset   48 refcount table offset   56 refcount table clusters
 *   60 snapshots   64 snapshots offset   72 incompatible features   80 compatible   88 autoclear
 *   96 refcount order   100 header length   104 compression type
 * Header extensions follow: type, length, data padded to 8 bytes, until type 0.
 * Source of truth: QEMU, docs/interop/qcow2.txt.
 */
import {
  corrupt,
  type HeaderFacts,
  namesOtherFile,
  quote,
  type ReadAt,
  type Refusal,
  sizeRefusals,
} from "./finding.ts";

const V2_HEADER_BYTES = 72;
const V3_HEADER_BYTES = 104;
const MAX_BACKING_NAME_BYTES = 1023;
const MAX_L1_BYTES = 32 * 1024 * 1024;

const INCOMPATIBLE_DIRTY = 1n << 0n;
const INCOMPATIBLE_CORRUPT = 1n << 1n;
const INCOMPATIBLE_DATA_FILE = 1n << 2n;
const INCOMPATIBLE_COMPRESSION = 1n << 3n;
const INCOMPATIBLE_KNOWN = 0x1fn;
const AUTOCLEAR_BITMAPS = 1n << 0n;

const EXTENSION_END = 0;
const EXTENSION_BACKING_FORMAT = 0xe2792aca;
const EXTENSION_DATA_FILE = 0x44415441;
const EXTENSION_ENCRYPTION = 0x0537be77;

const FLATTEN =
  "flatten it: qemu-img convert -O qcow2 IMAGE FLAT.qcow2, on the machine that has all its files";
const REPAIR = "shut the VM down, then repair it: qemu-img check -r all IMAGE";

interface Qcow2Header {
  readonly version: number;
  readonly bytes: Buffer;
  readonly clusterSizeBytes: number;
  readonly incompatible: bigint;
  readonly autoclear: bigint;
  readonly headerLength: number;
}

/** Reads a qcow2 header, and returns the reasons to refuse the image, without opening files that it names. */
export async function readQcow2Header(readAt: ReadAt): Promise<HeaderFacts> {
  const bytes = await readAt(0, 4096);
  if (bytes.length < V2_HEADER_BYTES) {
    return corrupt(`the qcow2 header has ${bytes.length} bytes, expected ${V2_HEADER_BYTES}`);
  }
  const header = decodeHeader(bytes);
  if (typeof header === "string") return corrupt(header);
  const refusals = [
    ...sizeRefusals(bytes.readBigUInt64BE(24)),
    ...(await fileRefusals(header, readAt)),
    ...stateRefusals(header),
    ...tableRefusals(header),
  ];
  const snapshots = bytes.readUInt32BE(60);
  return {
    virtualSizeBytes: Number(bytes.readBigUInt64BE(24)),
    refusals,
    warnings:
      snapshots === 0
        ? []
        : [
            {
              code: "image-snapshots",
              message: `the image has ${countOf(snapshots, "internal snapshot")}, which the package leaves out`,
            },
          ],
    carriesState: snapshots > 0 || (header.autoclear & AUTOCLEAR_BITMAPS) !== 0n,
    clusterSizeBytes: header.clusterSizeBytes,
    compression: compressionOf(header),
  };
}

function decodeHeader(bytes: Buffer): Qcow2Header | string {
  const version = bytes.readUInt32BE(4);
  if (version !== 2 && version !== 3) return `qcow2 version ${version}, expected 2 or 3`;
  if (version === 3 && bytes.length < V3_HEADER_BYTES) {
    return `the qcow2 header has ${bytes.length} bytes, expected ${V3_HEADER_BYTES}`;
  }
  const clusterBits = bytes.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) {
    return `qcow2 clusters of 2^${clusterBits} bytes, expected 2^9 to 2^21`;
  }
  const headerLength = version === 2 ? V2_HEADER_BYTES : bytes.readUInt32BE(100);
  if (version === 3 && (headerLength < V3_HEADER_BYTES || headerLength > 2 ** clusterBits)) {
    return `the qcow2 header claims ${headerLength} bytes, expected ${V3_HEADER_BYTES} up to one cluster`;
  }
  return {
    version,
    bytes,
    clusterSizeBytes: 2 ** clusterBits,
    incompatible: version === 2 ? 0n : bytes.readBigUInt64BE(72),
    autoclear: version === 2 ? 0n : bytes.readBigUInt64BE(88),
    headerLength,
  };
}

function compressionOf(header: Qcow2Header): "zlib" | "zstd" {
  const named = (header.incompatible & INCOMPATIBLE_COMPRESSION) !== 0n;
  return named && header.headerLength > 104 && header.bytes[104] === 1 ? "zstd" : "zlib";
}

/** Other files that an image names: a backing file or a data file. */
async function fileRefusals(header: Qcow2Header, readAt: ReadAt): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  const backingOffset = header.bytes.readBigUInt64BE(8);
  const backingLength = header.bytes.readUInt32BE(16);
  if (backingOffset !== 0n || backingLength !== 0) {
    const inFile = backingOffset < BigInt(header.clusterSizeBytes);
    const name = inFile
      ? await readAt(Number(backingOffset), Math.min(backingLength, MAX_BACKING_NAME_BYTES))
      : Buffer.alloc(0);
    refusals.push(namesOtherFile("a backing file", quote(name), FLATTEN));
  }
  const extensions = await readExtensions(header, readAt);
  const dataFile = extensions.get(EXTENSION_DATA_FILE);
  if (dataFile !== undefined || (header.incompatible & INCOMPATIBLE_DATA_FILE) !== 0n) {
    refusals.push(namesOtherFile("a data file", quote(dataFile ?? Buffer.alloc(0)), FLATTEN));
  }
  if (header.bytes.readUInt32BE(32) !== 0 || extensions.has(EXTENSION_ENCRYPTION)) {
    refusals.push({
      code: "IMAGE_ENCRYPTED",
      message: "the image is encrypted, expected an unencrypted image",
      hint: "decrypt it first with qemu-img convert and its --object secret",
    });
  }
  return refusals;
}

/** Header extensions by type, in the first cluster. */
async function readExtensions(
  header: Qcow2Header,
  readAt: ReadAt,
): Promise<ReadonlyMap<number, Buffer>> {
  const area = await readAt(0, header.clusterSizeBytes);
  const extensions = new Map<number, Buffer>();
  let offset = header.headerLength;
  while (offset + 8 <= area.length) {
    const type = area.readUInt32BE(offset);
    const length = area.readUInt32BE(offset + 4);
    if (type === EXTENSION_END || offset + 8 + length > area.length) break;
    extensions.set(type, area.subarray(offset + 8, offset + 8 + length));
    offset += 8 + Math.ceil(length / 8) * 8;
  }
  return extensions;
}

/** Flags of an image that is in use or was not closed. */
function stateRefusals(header: Qcow2Header): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const refuse = (message: string, hint: string): void => {
    refusals.push({ code: "IMAGE_CORRUPT", message, hint });
  };
  if ((header.incompatible & INCOMPATIBLE_DIRTY) !== 0n) {
    refuse("the image is marked dirty: it is in use, or was not closed", REPAIR);
  }
  if ((header.incompatible & INCOMPATIBLE_CORRUPT) !== 0n) {
    refuse("the image is marked corrupt by QEMU", REPAIR);
  }
  const unknown = header.incompatible & ~INCOMPATIBLE_KNOWN;
  if (unknown !== 0n) {
    refuse(
      `the image uses qcow2 features 0x${unknown.toString(16)}, which are not supported`,
      "convert it with the QEMU that made it: qemu-img convert -O qcow2",
    );
  }
  return refusals;
}

/** Table sizes that no valid image has, and that would exhaust the program that opens it. */
function tableRefusals(header: Qcow2Header): readonly Refusal[] {
  const l1Bytes = header.bytes.readUInt32BE(36) * 8;
  const refcountBytes = header.bytes.readUInt32BE(56) * header.clusterSizeBytes;
  return [
    { name: "L1", bytes: l1Bytes, max: MAX_L1_BYTES },
    { name: "refcount", bytes: refcountBytes, max: MAX_L1_BYTES / 4 },
  ]
    .filter((table) => table.bytes > table.max)
    .map((table) => {
      const [claimed, most] = formatSizes(table.bytes, table.max);
      return {
        code: "IMAGE_CORRUPT" as const,
        message: `the ${table.name} table claims ${claimed}, expected at most ${most}`,
        hint: "copy or create the image again",
      };
    });
}

/** Returns the names of the backing file and of the data file in the header; undefined if it cannot be read. */
export async function readQcow2Names(readAt: ReadAt): Promise<readonly string[] | undefined> {
  const bytes = await readAt(0, 4096);
  if (bytes.length < V2_HEADER_BYTES) return undefined;
  const header = decodeHeader(bytes);
  if (typeof header === "string") return undefined;
  const offset = bytes.readBigUInt64BE(8);
  const length = bytes.readUInt32BE(16);
  const dataFile = (await readExtensions(header, readAt)).get(EXTENSION_DATA_FILE);
  const needsDataFile = (header.incompatible & INCOMPATIBLE_DATA_FILE) !== 0n;
  if (needsDataFile && dataFile === undefined) return undefined;
  const dataNames = dataFile === undefined ? [] : [dataFile.toString("utf8")];
  if (offset === 0n || length === 0) return dataNames;
  if (offset >= BigInt(header.clusterSizeBytes) || length > MAX_BACKING_NAME_BYTES)
    return undefined;
  const name = await readAt(Number(offset), length);
  return name.length === length ? [name.toString("utf8"), ...dataNames] : undefined;
}

/** Returns the backing file format in a qcow2 header; undefined if it has none. */
export async function readQcow2BackingFormat(readAt: ReadAt): Promise<string | undefined> {
  const bytes = await readAt(0, 4096);
  if (bytes.length < V2_HEADER_BYTES) return undefined;
  const header = decodeHeader(bytes);
  if (typeof header === "string") return undefined;
  return (await readExtensions(header, readAt)).get(EXTENSION_BACKING_FORMAT)?.toString("latin1");
}
