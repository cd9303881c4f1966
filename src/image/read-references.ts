import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { detectFormat } from "./detect-format.ts";
import type { DetectedFormat } from "./facts.ts";
import { recognisedFormats } from "./formats.ts";
import type { ReadAt } from "./headers/finding.ts";

/** What an image says of other files. */
export interface ImageReferences {
  /** By its content; undefined: plain bytes, which name nothing. */
  readonly format: DetectedFormat | undefined;
  /** Names of backing file and data file as they stand; relative ones begin at the image's folder. */
  readonly names: readonly string[];
  /** Format that it says the backing file has; undefined when it does not say. */
  readonly backingFormat?: string;
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
