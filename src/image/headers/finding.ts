import type { ErrorCode } from "../../errors.ts";
import { formatSizes } from "../../lib/format-size.ts";
import type { ImageWarning } from "../facts.ts";

/** Why an image is refused. */
export interface Refusal {
  readonly code: ErrorCode;
  /** The fact alone; the caller prepends the file. */
  readonly message: string;
  readonly hint: string;
}

/** Facts from a header, read before any other program opens the file. */
export interface HeaderFacts {
  /** Undefined if the header is too damaged. */
  readonly virtualSizeBytes: number | undefined;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly ImageWarning[];
  /** Internal snapshots or bitmaps, which a conversion drops. */
  readonly carriesState?: boolean;
  readonly clusterSizeBytes?: number;
  readonly compression?: "zlib" | "zstd";
}

/** Reads a limited range of an image; shorter at the end of the file. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** Maximum size of a disk, 64 TiB: a header that claims more is a mistake or an attack. */
export const MAX_VIRTUAL_BYTES: number = 2 ** 46;

/** Maximum length of text quoted from a header. */
const MAX_QUOTE_CHARACTERS = 200;

/** Renders text from a header for a message; control characters are escaped by the error itself. */
export function quote(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8");
  return `"${text.slice(0, MAX_QUOTE_CHARACTERS)}"`;
}

/** Refuses a disk that names another file, such as a backing file, a parent or a data file. */
export function namesOtherFile(what: string, name: string, hint: string): Refusal {
  return {
    code: what === "a data file" ? "IMAGE_EXTERNAL_DATA" : "IMAGE_BACKING_FILE",
    message: `the image uses ${what}, ${name}, expected a self-contained image`,
    hint,
  };
}

/** Returns the reasons to refuse a virtual size; empty if it is valid. */
export function sizeRefusals(sizeBytes: bigint): readonly Refusal[] {
  const refuse = (why: string): readonly Refusal[] => [
    { code: "IMAGE_BAD_SIZE", message: why, hint: "create the image again with a valid size" },
  ];
  if (sizeBytes <= 0n) return refuse("the disk has a size of 0 bytes, expected at least 512");
  if (sizeBytes > BigInt(MAX_VIRTUAL_BYTES)) {
    const [claimed, most] = formatSizes(sizeBytes, MAX_VIRTUAL_BYTES);
    return refuse(`the disk claims ${claimed}, expected at most ${most}`);
  }
  if (sizeBytes % 512n !== 0n) {
    return refuse(`the disk has ${sizeBytes} bytes, expected a multiple of 512`);
  }
  return [];
}

/** The result for an unreadable header. */
export function corrupt(message: string): HeaderFacts {
  return {
    virtualSizeBytes: undefined,
    warnings: [],
    refusals: [{ code: "IMAGE_CORRUPT", message, hint: "copy or create the image again" }],
  };
}

const MAX_NAME_BYTES = 4096;

/** Returns the name of another file at an offset from a header; undefined if the offset is not valid. */
export async function readFileName(
  readAt: ReadAt,
  offset: number,
  length: number,
): Promise<readonly string[] | undefined> {
  if (offset === 0 || length === 0) return [];
  if (length > MAX_NAME_BYTES || !Number.isSafeInteger(offset)) return undefined;
  const name = await readAt(offset, length);
  return name.length === length ? [name.toString("utf8")] : undefined;
}
