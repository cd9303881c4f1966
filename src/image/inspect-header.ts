import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import type { ImageFormat } from "./facts.ts";
import type { HeaderFacts, ReadAt } from "./headers/finding.ts";
import { type DetectedFormat, detectFormat } from "./headers/magic.ts";
import { readQcow1Header } from "./headers/qcow1.ts";
import { readQcow2Header } from "./headers/qcow2.ts";
import { judgeRaw } from "./headers/raw.ts";
import { readVdiHeader } from "./headers/vdi.ts";
import { readVmdkHeader } from "./headers/vmdk.ts";

/** Header facts and what the file system says. */
export interface CheckedHeader extends HeaderFacts {
  readonly virtualSizeBytes: number;
  readonly fileSizeBytes: number;
  readonly allocatedBytes: number;
}

const readers: Readonly<
  Record<Exclude<ImageFormat, "raw" | "iso">, (readAt: ReadAt) => Promise<HeaderFacts>>
> = {
  qcow: readQcow1Header,
  qcow2: readQcow2Header,
  vmdk: readVmdkHeader,
  vdi: readVdiHeader,
};

/**
 * Checks an image by its own bytes alone, before any program that would follow what it names may open it.
 *
 * @throws ApplianceError the first refusal's code, with all of them as details
 */
export async function inspectHeader(file: string, format: ImageFormat): Promise<CheckedHeader> {
  try {
    // Without O_NONBLOCK, opening a fifo would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) {
        throw new ApplianceError("LIB_IO", `${file}: not a plain file`);
      }
      const readAt: ReadAt = async (offset, length) => {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await handle.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      const facts = await judge(file, format, { readAt, sizeBytes: stats.size });
      return { ...facts, fileSizeBytes: stats.size, allocatedBytes: stats.blocks * 512 };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}

async function judge(
  file: string,
  format: ImageFormat,
  input: { readonly readAt: ReadAt; readonly sizeBytes: number },
): Promise<HeaderFacts & { readonly virtualSizeBytes: number }> {
  const detected = await detectFormat(input.readAt);
  let facts: HeaderFacts;
  if (format === "raw" || format === "iso") {
    facts = judgeRaw(format, input.sizeBytes, detected);
  } else {
    if (detected !== format) throw mismatch(file, format, detected);
    facts = await readers[format](input.readAt);
  }
  const [first, ...others] = facts.refusals;
  if (first !== undefined || facts.virtualSizeBytes === undefined) {
    throw new ApplianceError(
      first?.code ?? "IMAGE_CORRUPT",
      `${file}: ${first?.message ?? "the header cannot be read"}`,
      {
        ...(first === undefined ? {} : { hint: first.hint }),
        details: others.map((refusal) => refusal.message),
      },
    );
  }
  return { ...facts, virtualSizeBytes: facts.virtualSizeBytes };
}

function mismatch(
  file: string,
  format: ImageFormat,
  detected: DetectedFormat | undefined,
): ApplianceError {
  const found = detected ?? "raw";
  return new ApplianceError(
    "IMAGE_FORMAT_MISMATCH",
    `${file}: the image is ${found} by its content, expected ${format}`,
    { hint: `write format="${found}" in the descriptor, or convert the image to ${format}` },
  );
}
