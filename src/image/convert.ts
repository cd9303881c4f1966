import { ApplianceError } from "../errors.ts";
import { writeAtomically, nameForPeople } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import type { DiskFormat } from "../appliance/index.ts";
import { inspectHeader } from "./inspect-header.ts";
import { driverOf, imagePath, runQemuImg } from "./qemu-img.ts";
import { followPercentages } from "./progress.ts";
import { readDiskFacts } from "./read-disk-facts.ts";

/** Number of parallel reads. Compressed clusters are written in order, so the bytes do not depend on it. */
const COROUTINES = "8";
/** `qemu-img compare` returns this for images that differ. */
const DIFFERENT = 1;

/** Source and target of a conversion. */
export interface ConvertOptions {
  readonly from: string;
  readonly fromFormat: DiskFormat;
  /** Replaced if it exists. */
  readonly to: string;
  readonly compression: "zstd" | "zlib";
}

/** A converted image. */
export interface ConvertedImage {
  readonly path: string;
  readonly fileSizeBytes: number;
  readonly virtualSizeBytes: number;
}

/**
 * Converts a disk to a compressed qcow2 image with clusters of 64 KiB, and verifies with `qemu-img compare` that a VM
 * sees the same bytes in both. The same source always gives the same bytes. Holes are skipped, not read. The target
 * appears complete or not at all.
 *
 * @throws ApplianceError as `inspectImage`; `IMAGE_DIFFERS` when the result is not the source; `LIB_NO_SPACE`;
 *   `LIB_INTERRUPTED`
 */
export async function convertImage(
  options: ConvertOptions,
  context: Context,
): Promise<ConvertedImage> {
  const { from, fromFormat, to } = options;
  const source = await inspectHeader(from, fromFormat);
  return writeAtomically(to, async (handle, temporary) => {
    await runWithProgress(convertArguments(options, temporary), context, {
      label: `compressing ${nameForPeople(from)}`,
      subject: to,
      totalBytes: source.virtualSizeBytes,
    });
    const made = await inspectHeader(temporary, "qcow2");
    if (made.virtualSizeBytes !== source.virtualSizeBytes) {
      throw differs(from, `${made.virtualSizeBytes} bytes, expected ${source.virtualSizeBytes}`);
    }
    await proveEqual(options, { path: temporary, totalBytes: made.virtualSizeBytes }, context);
    const { size } = await handle.stat();
    return { path: to, fileSizeBytes: size, virtualSizeBytes: source.virtualSizeBytes };
  });
}

/**
 * Writes the disk of a VM, with all its backing files, into one compressed qcow2 image, and verifies that both are
 * equal. Like the disk, only its owner can read it. Unlike in an image from outside, backing files are followed. No VM
 * may have the disk open.
 *
 * @returns size of the disk as the VM sees it, in bytes
 * @throws ApplianceError `IMAGE_DIFFERS` when the result is not the source; `LIB_NO_SPACE`; `LIB_INTERRUPTED`
 */
export async function flattenImage(
  options: { readonly from: string; readonly fromFormat: "qcow2" | "raw"; readonly to: string },
  context: Context,
): Promise<number> {
  const { from, fromFormat, to } = options;
  const { virtualSizeBytes: totalBytes } = await readDiskFacts(from, fromFormat);
  const full = { ...options, compression: "zstd" as const };
  const write = async (_handle: unknown, temporary: string): Promise<void> => {
    await runWithProgress(convertArguments(full, temporary), context, {
      label: `exporting ${nameForPeople(from)}`,
      subject: to,
      totalBytes,
    });
    await proveEqual(full, { path: temporary, totalBytes }, context);
  };
  await writeAtomically(to, write, { mode: 0o600 });
  return totalBytes;
}

function convertArguments(options: ConvertOptions, target: string): readonly string[] {
  const output = `compat=1.1,cluster_size=64k,compression_type=${options.compression}`;
  const formats = ["-f", driverOf(options.fromFormat), "-O", "qcow2", "-o", output];
  const how = ["-p", "-c", "-m", COROUTINES];
  return ["convert", ...how, ...formats, imagePath(options.from), imagePath(target)];
}

function compareArguments(options: ConvertOptions, result: string): readonly string[] {
  const formats = ["-f", driverOf(options.fromFormat), "-F", "qcow2"];
  return ["compare", "-p", ...formats, imagePath(options.from), imagePath(result)];
}

async function proveEqual(
  options: ConvertOptions,
  result: { readonly path: string; readonly totalBytes: number },
  context: Context,
): Promise<void> {
  const { from } = options;
  const { exitCode, stdout } = await runWithProgress(
    compareArguments(options, result.path),
    context,
    { label: `comparing ${nameForPeople(from)}`, subject: from, totalBytes: result.totalBytes },
  );
  if (exitCode !== 0)
    throw differs(
      from,
      stdout
        .trim()
        .split(/[\r\n]/)
        .at(-1) ?? "content differs",
    );
}

async function runWithProgress(
  args: readonly string[],
  context: Context,
  options: { readonly label: string; readonly subject: string; readonly totalBytes: number },
): Promise<{ readonly exitCode: number; readonly stdout: string }> {
  const follow = followPercentages(context.progress, options.label, options.totalBytes);
  try {
    return await runQemuImg(args, context, {
      subject: options.subject,
      onStdout: follow.read,
      acceptExitCodes: args[0] === "compare" ? [DIFFERENT] : [],
    });
  } finally {
    follow.done();
  }
}

function differs(file: string, found: string): ApplianceError {
  return new ApplianceError("IMAGE_DIFFERS", `${file}: the converted image differs: ${found}`, {
    hint: "make sure that no VM is writing to the image, then build again",
  });
}
