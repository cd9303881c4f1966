/**
 * What a program that guesses an image's format takes a file for. QEMU looks into the first 512 bytes (and, for a dmg,
 * at the name), libvirt's pools there and at 0x8001; a fixed VHD and a dmg have their mark at the end.
 * Source of truth: QEMU, the `*_probe` functions in block/*.c; libvirt, src/storage_file/storage_file_probe.c.
 */
import { keysOf } from "../lib/keys-of.ts";
import type { DetectedFormat } from "./facts.ts";
import { recognisedFormats } from "./formats.ts";
import type { ReadAt } from "./headers/finding.ts";
import type { MarkPlace } from "./headers/marks.ts";

const HEAD_BYTES = 512;
const VOLUME_OFFSET = 0x8001;
const VOLUME_BYTES = 5;
const TRAILER_BYTES = 512;

const marks = keysOf(recognisedFormats).flatMap((format) =>
  recognisedFormats[format].marks.map((mark) => ({ format, mark })),
);

function find(place: MarkPlace, bytes: Buffer): DetectedFormat | undefined {
  return marks.find(({ mark }) => mark.place === place && mark.isIn(bytes))?.format;
}

/**
 * Returns what a file is by its content; undefined: plain bytes, as a raw disk is.
 *
 * @param sizeBytes  length of the file: what is marked at its end is found only where the end can be read
 */
export async function detectFormat(
  readAt: ReadAt,
  sizeBytes: number,
): Promise<DetectedFormat | undefined> {
  const head = await readAt(0, HEAD_BYTES);
  const found =
    find("start", head) ??
    find("text", head) ??
    find("volume", await readAt(VOLUME_OFFSET, VOLUME_BYTES));
  if (found !== undefined || sizeBytes < TRAILER_BYTES) return found;
  return find("end", await readAt(sizeBytes - TRAILER_BYTES, TRAILER_BYTES));
}
