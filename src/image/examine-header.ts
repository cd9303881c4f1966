import { ApplianceError } from "../errors.ts";
import { isDiskFormat, isPlainFormat } from "../appliance/index.ts";
import type { DiskFormat } from "../appliance/index.ts";
import { detectFormat } from "./detect-format.ts";
import type { DetectedFormat } from "./facts.ts";
import { imageFormats } from "./formats.ts";
import type { HeaderFacts, ReadAt } from "./headers/finding.ts";
import { judgeRaw } from "./headers/raw.ts";

/** What the first bytes of a file say, whatever format it is said to have. */
export interface ExaminedHeader {
  /** Length of the file. */
  readonly sizeBytes: number;
  /** Undefined: plain bytes, as a raw disk is. */
  readonly detected: DetectedFormat | undefined;
  /** Undefined for a format whose header is not read here. */
  readonly facts: HeaderFacts | undefined;
}

/** A header that nothing is wrong with. */
export interface SoundHeader extends HeaderFacts {
  readonly virtualSizeBytes: number;
  /** What it is by its content; undefined: plain bytes. */
  readonly content: DetectedFormat | undefined;
}

/** So many bytes from the beginning decide about every format; a name that lies behind them is not quoted. */
export const HEAD_BYTES: number = 64 * 1024;

/** Reads the header of an image without following anything it names. */
export async function examineHeader(readAt: ReadAt, sizeBytes: number): Promise<ExaminedHeader> {
  const detected = await detectFormat(readAt, sizeBytes);
  const isReadable = detected !== undefined && isDiskFormat(detected);
  const facts = isReadable ? await imageFormats[detected].readHeader?.(readAt) : undefined;
  return { sizeBytes, detected, facts };
}

/**
 * Reads the header of an image of which only the beginning is there: one that passes by in an archive.
 *
 * @param head  its first {@link HEAD_BYTES}, or all of it
 */
export function examineHead(head: Buffer, sizeBytes: number): Promise<ExaminedHeader> {
  const readAt: ReadAt = (offset, length) =>
    Promise.resolve(head.subarray(offset, offset + length));
  return examineHeader(readAt, sizeBytes);
}

/**
 * Judges a header by what the image is said to be. An iso goes through every command byte for byte, so that it must be
 * one, or plain bytes; a raw disk becomes a qcow2 image as a rule, whatever is in it.
 *
 * @param subject  what messages call the image
 * @throws ApplianceError the first refusal's code, with the others as details
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

/** What a file is said to be that hosts get byte for byte. */
export type StatedContent = DiskFormat | "kernel" | "initrd";

/** Raw disks are shipped byte for byte only when that was asked for. */
const WITHOUT_KEEP_RAW = ", or build without --keep-raw, which ships the disk inside a qcow2 image";

/**
 * Refuses a file that hosts would get byte for byte and that is another format by its content. Whoever guesses formats,
 * as libvirt's pools and QEMU do, would read it as that, and follow what it names: a file of the host's.
 *
 * @param subject  what messages call the file
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
