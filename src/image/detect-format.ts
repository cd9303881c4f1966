/**
 * Detects formats as programs that guess them do. QEMU reads the first 512 bytes (and, for a dmg, the name), libvirt's
 * pools read these and 0x8001; a fixed VHD and a dmg have their magic at the end. Source of truth: QEMU, the `*_probe`
 * functions in block/*.c; libvirt, src/storage_file/storage_file_probe.c.
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
 * Returns the format of a file by its content; undefined for plain bytes, such as a raw disk.
 *
 * @param sizeBytes  length of the file. Formats with a magic at the end are detected only if the end can be read
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
