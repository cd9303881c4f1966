/**
 * VDI, little-endian: 64 bytes of text, 64 signature 0xbeda107f, 68 version, 72 header size, 76 image type
 * (1 dynamic, 2 fixed, 3 undo, 4 differencing), 368 size, 376 block size, 392 UUID, 408 UUID of the last snapshot,
 * 424 UUID of the parent link, 440 UUID of the parent.
 * Source of truth: QEMU, block/vdi.c.
 */
import {
  corrupt,
  type HeaderFacts,
  namesOtherFile,
  type ReadAt,
  type Refusal,
  sizeRefusals,
} from "./finding.ts";

const HEADER_BYTES = 512;
const FIRST_VERSION = 0x0001_0001;
const DYNAMIC = 1;
const FIXED = 2;

/** Reads a VDI header, and returns the reasons to refuse the image. */
export async function readVdiHeader(readAt: ReadAt): Promise<HeaderFacts> {
  const bytes = await readAt(0, HEADER_BYTES);
  if (bytes.length < HEADER_BYTES) {
    return corrupt(`the VDI header has ${bytes.length} bytes, expected ${HEADER_BYTES}`);
  }
  const version = bytes.readUInt32LE(68);
  if (version !== FIRST_VERSION) {
    return corrupt(
      `VDI version 0x${version.toString(16)}, expected 0x${FIRST_VERSION.toString(16)}`,
    );
  }
  const sizeBytes = bytes.readBigUInt64LE(368);
  const refusals: Refusal[] = [...sizeRefusals(sizeBytes)];
  const type = bytes.readUInt32LE(76);
  const link = bytes.subarray(424, 440);
  const parent = bytes.subarray(440, 456);
  if ((type !== DYNAMIC && type !== FIXED) || [...link, ...parent].some((byte) => byte !== 0)) {
    const uuid = [...link].some((byte) => byte !== 0) ? link : parent;
    refusals.push(
      namesOtherFile(
        "a parent",
        `UUID ${uuid.toString("hex")} (image type ${type})`,
        "clone it into a full image: VBoxManage clonemedium",
      ),
    );
  }
  return { virtualSizeBytes: Number(sizeBytes), refusals, warnings: [] };
}
