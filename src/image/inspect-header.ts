import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { examineHeader, judgeHeader } from "./examine-header.ts";
import type { SoundHeader } from "./examine-header.ts";
import type { ImageFormat } from "./facts.ts";
import type { ReadAt } from "./headers/finding.ts";

/** Header facts and what the file system says. */
export interface CheckedHeader extends SoundHeader {
  readonly fileSizeBytes: number;
  readonly allocatedBytes: number;
}

/**
 * Checks an image by its own bytes alone, before any program that would follow what it names may open it.
 *
 * @param subject  what messages call the image; its path unless told
 * @throws ApplianceError the first refusal's code, with the others as details
 */
export async function inspectHeader(
  file: string,
  format: ImageFormat,
  subject: string = file,
): Promise<CheckedHeader> {
  try {
    // Without O_NONBLOCK, opening a fifo would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) {
        throw new ApplianceError("LIB_IO", `${subject}: not a plain file`);
      }
      const readAt: ReadAt = async (offset, length) => {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await handle.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      const facts = judgeHeader(await examineHeader(readAt, stats.size), format, subject);
      return { ...facts, fileSizeBytes: stats.size, allocatedBytes: stats.blocks * 512 };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}
