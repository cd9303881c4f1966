/**
 * Files that a disk image names in its header. Beside qcow2 (see `headers/qcow2.ts`):
 *   qcow 1, big-endian: 8 offset of the backing file's name, 16 its length
 *   QED, little-endian: 16 features (bit 0: there is a backing file), 56 offset of its name, 60 its length
 *   VMDK: text, `parentFileNameHint="NAME"` and the list of extents
 *   COW (of user-mode Linux; QEMU gave it up, libvirt's pools know it): 8 name of the backing file
 * Source of truth: QEMU, block/qcow.c, docs/interop/qed_spec.txt; VMware, "Virtual Disk Format 5.0".
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { type DetectedFormat, detectFormat } from "./headers/magic.ts";
import type { ReadAt } from "./headers/finding.ts";
import { readQcow2BackingFormat, readQcow2Names } from "./headers/qcow2.ts";

/** What an image says of other files. */
export interface ImageReferences {
  /** By its content; undefined: plain bytes, which name nothing. */
  readonly format: DetectedFormat | undefined;
  /** Names of backing file and data file as they stand; relative ones begin at the image's folder. */
  readonly names: readonly string[];
  /** Format that it says the backing file has; undefined when it does not say. */
  readonly backingFormat?: string;
}

const MAX_NAME_BYTES = 4096;
const VMDK_TEXT_BYTES = 64 * 1024;

async function readName(
  readAt: ReadAt,
  offset: number,
  length: number,
): Promise<readonly string[] | undefined> {
  if (offset === 0 || length === 0) return [];
  if (length > MAX_NAME_BYTES || !Number.isSafeInteger(offset)) return undefined;
  const name = await readAt(offset, length);
  return name.length === length ? [name.toString("utf8")] : undefined;
}

async function readQcow1Names(readAt: ReadAt): Promise<readonly string[] | undefined> {
  const header = await readAt(0, 20);
  if (header.length < 20) return undefined;
  return readName(readAt, Number(header.readBigUInt64BE(8)), header.readUInt32BE(16));
}

async function readQedNames(readAt: ReadAt): Promise<readonly string[] | undefined> {
  const header = await readAt(0, 64);
  if (header.length < 64) return undefined;
  if ((header.readBigUInt64LE(16) & 1n) === 0n) return [];
  return readName(readAt, header.readUInt32LE(56), header.readUInt32LE(60));
}

async function readVmdkNames(readAt: ReadAt): Promise<readonly string[]> {
  const text = (await readAt(0, VMDK_TEXT_BYTES)).toString("latin1");
  const parents = [...text.matchAll(/parentFileNameHint\s*=\s*"([^"\0\r\n]+)"/gi)];
  // The one extent of a VMDK in one piece is the file itself, whatever name a tool wrote there.
  const extents = !/^(?:KDMV|COWD)/.test(text)
    ? [...text.matchAll(/(?<![^\r\n])[^\S\r\n]*(?:RW|RDONLY)\s+\d+\s+\w+\s+"([^"\0\r\n]+)"/g)]
    : [];
  return [...parents, ...extents].map((match) =>
    Buffer.from(match[1] ?? "", "latin1").toString("utf8"),
  );
}

async function readCowNames(readAt: ReadAt): Promise<readonly string[]> {
  const name = await readAt(8, 1024);
  const end = name.indexOf(0);
  const text = name.toString("utf8", 0, end === -1 ? name.length : end);
  return text === "" ? [] : [text];
}

async function namesOf(
  format: DetectedFormat | undefined,
  readAt: ReadAt,
): Promise<readonly string[] | undefined> {
  switch (format) {
    case "qcow2":
      return readQcow2Names(readAt);
    case "qcow":
      return readQcow1Names(readAt);
    case "qed":
      return readQedNames(readAt);
    case "vmdk":
      return readVmdkNames(readAt);
    case "cow":
      return readCowNames(readAt);
    // A parent of these is of the same format, which no base is.
    case "vdi":
    case "vhd":
    case "vhdx":
    // These name nothing.
    case "iso":
    case "luks":
    case "parallels":
    case "bochs":
    case "cloop":
    case "dmg":
    case undefined:
      return [];
    default:
      return undefined;
  }
}

/**
 * Returns the files that an image names, by its own bytes alone: nothing that it names is opened. A VM may have it
 * open. A block device is an image as well; what is neither (a socket, a folder) names nothing.
 *
 * @throws ApplianceError `IMAGE_CORRUPT` when its header cannot be read; `LIB_IO` when there is no such file
 */
export async function readReferences(file: string): Promise<ImageReferences> {
  try {
    // Without O_NONBLOCK, opening a fifo would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile() && !stats.isBlockDevice()) return { format: undefined, names: [] };
      const readAt: ReadAt = async (offset, length) => {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await handle.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      const format = await detectFormat(readAt, stats.size);
      const names = await namesOf(format, readAt);
      const backingFormat = format === "qcow2" ? await readQcow2BackingFormat(readAt) : undefined;
      if (names !== undefined)
        return backingFormat === undefined ? { format, names } : { format, names, backingFormat };
      throw new ApplianceError("IMAGE_CORRUPT", `${file}: the ${format} header cannot be read`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}
