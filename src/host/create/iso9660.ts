/**
 * Writes small ISO 9660 images with Joliet names.
 *
 * Layout, in sectors of 2048 bytes: 16 empty, the primary descriptor, the Joliet descriptor, the terminator, then for
 * each of the two trees its path table (little and big endian) and its root folder, then the files.
 * Numbers are written in both byte orders side by side ("both-endian").
 *
 * @see ECMA-119 (ISO 9660); "Joliet Specification", Microsoft 1995
 */
const SECTOR = 2048;
const FIRST_SECTOR = 16;
/** Escape sequence of UCS-2 level 3, by which readers know Joliet. */
const JOLIET_ESCAPE = "%/E";

/** A file of the image. */
export interface IsoFile {
  /** Lower-case letters, digits, `-`, `_` and `.`; at most 30 characters. */
  readonly name: string;
  readonly content: Uint8Array;
}

type Encoding = "iso" | "joliet";

function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

function ucs2(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

function padded(text: string, length: number, encoding: Encoding): Buffer {
  const bytes = encoding === "iso" ? Buffer.from(text, "latin1") : ucs2(text);
  const fill = encoding === "iso" ? Buffer.from(" ") : ucs2(" ");
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length), fill)], length);
}

/** Returns a name as a tree holds it; the version at the end belongs to the format. */
function encodeName(name: string, encoding: Encoding): Buffer {
  const dotted = name.includes(".") ? name : `${name}.`;
  return encoding === "iso" ? Buffer.from(`${dotted.toUpperCase()};1`) : ucs2(`${name};1`);
}

function folderDate(date: Date): Buffer {
  return Buffer.from([
    date.getUTCFullYear() - 1900,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    0,
  ]);
}

function volumeDate(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replaceAll(/[^0-9]/g, "")
    .slice(0, 16);
  return Buffer.concat([Buffer.from(digits, "latin1"), Buffer.alloc(1)]);
}

function record(
  name: Buffer,
  extent: { readonly sector: number; readonly bytes: number },
  options: { readonly date: Date; readonly isFolder: boolean },
): Buffer {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const bytes = Buffer.alloc(length);
  bytes[0] = length;
  both32(extent.sector).copy(bytes, 2);
  both32(extent.bytes).copy(bytes, 10);
  folderDate(options.date).copy(bytes, 18);
  bytes[25] = options.isFolder ? 2 : 0;
  both16(1).copy(bytes, 28);
  bytes[32] = name.length;
  name.copy(bytes, 33);
  return bytes;
}

function pathTable(rootSector: number, order: "little" | "big"): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes[0] = 1;
  if (order === "little") {
    bytes.writeUInt32LE(rootSector, 2);
    bytes.writeUInt16LE(1, 6);
  } else {
    bytes.writeUInt32BE(rootSector, 2);
    bytes.writeUInt16BE(1, 6);
  }
  return bytes;
}

interface Tree {
  readonly encoding: Encoding;
  /** Sector of its little-endian path table; the big-endian one and the root folder follow. */
  readonly sector: number;
}

interface Volume {
  readonly label: string;
  readonly date: Date;
  readonly sectors: number;
}

function descriptor(tree: Tree, volume: Volume): Buffer {
  const { encoding, sector } = tree;
  const bytes = Buffer.alloc(SECTOR);
  bytes[0] = encoding === "iso" ? 1 : 2;
  bytes.write("CD001\x01", 1, "latin1");
  padded("LINUX", 32, encoding).copy(bytes, 8);
  padded(volume.label, 32, encoding).copy(bytes, 40);
  both32(volume.sectors).copy(bytes, 80);
  if (encoding === "joliet") bytes.write(JOLIET_ESCAPE, 88, "latin1");
  both16(1).copy(bytes, 120);
  both16(1).copy(bytes, 124);
  both16(SECTOR).copy(bytes, 128);
  both32(10).copy(bytes, 132);
  bytes.writeUInt32LE(sector, 140);
  bytes.writeUInt32BE(sector + 1, 148);
  const root = { sector: sector + 2, bytes: SECTOR };
  record(Buffer.alloc(1), root, { date: volume.date, isFolder: true }).copy(bytes, 156);
  // Volume set, publisher, preparer, application; then the names of three files, which are none.
  for (const place of [190, 318, 446, 574]) padded("", 128, encoding).copy(bytes, place);
  for (const place of [702, 739, 776]) padded("", 36, encoding).copy(bytes, place);
  for (const place of [813, 830]) volumeDate(volume.date).copy(bytes, place);
  for (const place of [847, 864]) Buffer.from("0".repeat(16)).copy(bytes, place);
  bytes[881] = 1;
  return bytes;
}

interface PlacedFile extends IsoFile {
  readonly sector: number;
}

function rootFolder(tree: Tree, files: readonly PlacedFile[], date: Date): Buffer {
  const self = { sector: tree.sector + 2, bytes: SECTOR };
  const named = files.map((file) => ({ file, name: encodeName(file.name, tree.encoding) }));
  named.sort((a, b) => Buffer.compare(a.name, b.name));
  const records = [
    record(Buffer.from([0]), self, { date, isFolder: true }),
    record(Buffer.from([1]), self, { date, isFolder: true }),
    ...named.map(({ file, name }) =>
      record(name, { sector: file.sector, bytes: file.content.length }, { date, isFolder: false }),
    ),
  ];
  const bytes = Buffer.concat(records);
  if (bytes.length > SECTOR) throw new TypeError("an image of a few files holds too many of them");
  return Buffer.concat([bytes], SECTOR);
}

/**
 * Returns an ISO 9660 image with a few files in its root folder; the same input gives the same bytes.
 *
 * @param volume.label  at most 16 characters
 */
export function renderIso(
  volume: { readonly label: string; readonly date: Date },
  files: readonly IsoFile[],
): Buffer {
  const trees: readonly Tree[] = [
    { encoding: "iso", sector: FIRST_SECTOR + 3 },
    { encoding: "joliet", sector: FIRST_SECTOR + 6 },
  ];
  let sectors = FIRST_SECTOR + 9;
  const placed = files.map((file) => {
    if (!/^[a-z0-9_-]{1,28}(\.[a-z0-9]{1,4})?$/.test(file.name))
      throw new TypeError(`an image cannot hold the name ${file.name}`);
    const sector = sectors;
    sectors += Math.ceil(file.content.length / SECTOR);
    return { ...file, sector };
  });
  const terminator = Buffer.alloc(SECTOR);
  terminator[0] = 255;
  terminator.write("CD001\x01", 1, "latin1");
  const whole = { ...volume, sectors };
  return Buffer.concat([
    Buffer.alloc(FIRST_SECTOR * SECTOR),
    ...trees.map((tree) => descriptor(tree, whole)),
    terminator,
    ...trees.flatMap((tree) => [
      pathTable(tree.sector + 2, "little"),
      pathTable(tree.sector + 2, "big"),
      rootFolder(tree, placed, volume.date),
    ]),
    ...placed.map((file) =>
      Buffer.concat([file.content], Math.ceil(file.content.length / SECTOR) * SECTOR),
    ),
  ]);
}
