import { ApplianceError } from "../errors.ts";
import { type DiskFormat, isDiskFormat, isPlainFormat } from "../appliance/index.ts";
import { detectFormat } from "./detect-format.ts";
import type { DetectedFormat } from "./facts.ts";
import { imageFormats } from "./formats.ts";
import type { HeaderFacts, ReadAt } from "./headers/finding.ts";
import { judgeRaw } from "./headers/raw.ts";

/** Facts from the first bytes of a file, independent of its declared format. */
export interface ExaminedHeader {
  /** Length of the file. */
  readonly sizeBytes: number;
  /** Undefined for plain bytes, such as a raw disk. */
  readonly detected: DetectedFormat | undefined;
  /** Undefined for a format whose header is not supported. */
  readonly facts: HeaderFacts | undefined;
}

/** A header without problems. */
export interface SoundHeader extends HeaderFacts {
  readonly virtualSizeBytes: number;
  /** Format by content; undefined for plain bytes. */
  readonly content: DetectedFormat | undefined;
}

/** Number of bytes that determine every format. A name after them is not quoted. */
export const HEAD_BYTES: number = 64 * 1024;

/** Reads the header of an image without opening files that it names. */
export async function examineHeader(readAt: ReadAt, sizeBytes: number): Promise<ExaminedHeader> {
  const detected = await detectFormat(readAt, sizeBytes);
  const isReadable = detected !== undefined && isDiskFormat(detected);
  const facts = isReadable ? await imageFormats[detected].readHeader?.(readAt) : undefined;
  return { sizeBytes, detected, facts };
}

/**
 * Reads the header of an image of which only the beginning is available, such as a member of an archive.
 *
 * @param head  its first {@link HEAD_BYTES}, or the whole image
 */
export function examineHead(head: Buffer, sizeBytes: number): Promise<ExaminedHeader> {
  const readAt: ReadAt = (offset, length) =>
    Promise.resolve(head.subarray(offset, offset + length));
  return examineHeader(readAt, sizeBytes);
}

/**
 * Checks a header against the declared format. An iso is shipped byte for byte, so it must be an ISO image or plain
 * bytes. A raw disk normally becomes a qcow2 image, so its content may be anything.
 *
 * @param subject  name of the image in messages
 * @throws ApplianceError with the code of the first refusal, and the others as details
 */
export function judgeHeader(
  examined: ExaminedHeader,
  format: DiskFormat,
  subject: string,
): SoundHeader {
  const { detected, sizeBytes } = examined;
  if (format === "iso") refuseDisguise(detected, format, subject);
  const isPlain = isPlainFormat(format);
  if (!isPlain && detected !== format) throw mismatch(subject, format, detected);
  const facts = isPlain ? judgeRaw(format, sizeBytes, detected) : examined.facts;
  const { refusals = [], virtualSizeBytes } = facts ?? {};
  const [first, ...others] = refusals;
  if (facts !== undefined && first === undefined && virtualSizeBytes !== undefined)
    return { ...facts, virtualSizeBytes, content: detected };
  throw new ApplianceError(
    first?.code ?? "IMAGE_CORRUPT",
    `${subject}: ${first?.message ?? "the header cannot be read"}`,
    {
      ...(first === undefined ? {} : { hint: first.hint }),
      details: others.map((refusal) => refusal.message),
    },
  );
}

/** Declared format of a file that is shipped byte for byte. */
export type StatedContent = DiskFormat | "kernel" | "initrd";

/** Raw disks are shipped byte for byte only on request. */
const WITHOUT_KEEP_RAW = ", or build without --keep-raw, which ships the disk inside a qcow2 image";

/**
 * Refuses a file that is shipped byte for byte and has another format by its content. Programs that guess formats, such
 * as libvirt's pools and QEMU, would use that format, and open files of the host that the image names.
 *
 * @param subject  name of the file in messages
 * @throws ApplianceError `IMAGE_FORMAT_MISMATCH`
 */
export function refuseDisguise(
  detected: DetectedFormat | undefined,
  stated: StatedContent,
  subject: string,
): void {
  if (detected !== undefined && detected !== stated) throw mismatch(subject, stated, detected);
}

function mismatch(
  subject: string,
  stated: StatedContent,
  detected: DetectedFormat | undefined,
): ApplianceError {
  const found = detected ?? "raw";
  const isBoot = stated === "kernel" || stated === "initrd";
  const what = isBoot ? `the ${stated}` : "the image";
  const expected = isBoot
    ? `a file that ${stated === "kernel" ? "boots" : "a kernel unpacks"}`
    : stated;
  const message = `${subject}: ${what} is ${found} by its content, expected ${expected}`;
  return new ApplianceError("IMAGE_FORMAT_MISMATCH", message, { hint: hintFor(stated, found) });
}

function hintFor(stated: StatedContent, found: DetectedFormat | "raw"): string {
  if (stated === "kernel" || stated === "initrd") return `use the ${stated} itself`;
  const first = isDiskFormat(found) ? `write format="${found}" in the descriptor, or ` : "";
  return `${first}convert the image to ${stated}${stated === "raw" ? WITHOUT_KEEP_RAW : ""}`;
}
