import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { ShippedFormat } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";

/** Facts about the disk of a VM, from its header. */
export interface DiskFacts {
  /** Size as the VM sees it. */
  readonly virtualSizeBytes: number;
  /** Space that the file takes. */
  readonly allocatedBytes: number;
  /** Number of internal snapshots. */
  readonly internalSnapshots: number;
}

const HEADER_BYTES = 72;
/** "QFI\xfb". */
const QCOW2_MAGIC = 0x514649fb;

async function readHeader(handle: FileHandle, file: string): Promise<Buffer> {
  const header = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
  if (bytesRead === HEADER_BYTES && header.readUInt32BE(0) === QCOW2_MAGIC) return header;
  throw new ApplianceError("IMAGE_FORMAT_MISMATCH", `${file}: not a qcow2 image, expected one`);
}

/**
 * Returns the virtual size and the allocated space of a VM's disk, which may be in use. Files that it names are not
 * opened.
 *
 * @throws ApplianceError `IMAGE_FORMAT_MISMATCH`; `LIB_IO` when there is no such file
 */
export async function readDiskFacts(file: string, format: ShippedFormat): Promise<DiskFacts> {
  try {
    // Without O_NONBLOCK, opening a fifo would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size, blocks } = await handle.stat();
      const allocatedBytes = blocks * 512;
      if (format !== "qcow2")
        return { virtualSizeBytes: size, allocatedBytes, internalSnapshots: 0 };
      const header = await readHeader(handle, file);
      return {
        virtualSizeBytes: Number(header.readBigUInt64BE(24)),
        allocatedBytes,
        internalSnapshots: header.readUInt32BE(60),
      };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}
