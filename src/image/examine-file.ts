import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { type ExaminedHeader, examineHeader } from "./examine-header.ts";
import type { ReadAt } from "./headers/finding.ts";

/** Facts from the content and the metadata of a file. */
export interface ExaminedFile extends ExaminedHeader {
  readonly allocatedBytes: number;
}

/**
 * Reads facts about a disk image from its own bytes only.
 *
 * @param subject  name of the file in messages. Default: its path
 * @throws ApplianceError `LIB_IO` when there is no such plain file
 */
export async function examineFile(file: string, subject: string = file): Promise<ExaminedFile> {
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
      return { ...(await examineHeader(readAt, stats.size)), allocatedBytes: stats.blocks * 512 };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}
