import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { detectFormat } from "./detect-format.ts";
import type { DetectedFormat } from "./facts.ts";
import { recognisedFormats } from "./formats.ts";
import type { ReadAt } from "./headers/finding.ts";

/** References of an image to other files. */
export interface ImageReferences {
  /** Format by content; undefined for plain bytes, which name no file. */
  readonly format: DetectedFormat | undefined;
  /** Names of backing file and data file, unchanged. Relative names are relative to the image's folder. */
  readonly names: readonly string[];
  /** Declared format of the backing file; undefined if there is none. */
  readonly backingFormat?: string;
}

/**
 * Returns the files that an image names. Reads only the image itself, which may be in use, and opens none of those
 * files. A block device counts as an image. Other files, such as sockets and folders, name nothing.
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
      if (format === undefined) return { format, names: [] };
      const { readNames, readBackingFormat } = recognisedFormats[format];
      const names = await readNames(readAt);
      const backingFormat = await readBackingFormat?.(readAt);
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
