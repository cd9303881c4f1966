import path from "node:path";
import { ApplianceError } from "../errors.ts";
import type { DiskFormat } from "../appliance/index.ts";
import type { Context } from "../lib/context.ts";
import type { RunResult } from "../lib/exec.ts";
import { imageFormats } from "./formats.ts";

/** Maximum output of qemu-img. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Name of a format in qemu-img. */
export function driverOf(format: DiskFormat): string {
  return imageFormats[format].driver;
}

/**
 * Returns a path that qemu-img treats only as a file: an absolute path never starts with a protocol (`nbd:`) or a JSON
 * description.
 */
export function imagePath(file: string): string {
  return path.resolve(file);
}

/**
 * Runs qemu-img, and converts its messages.
 *
 * @throws ApplianceError `LIB_NO_SPACE` or `IMAGE_CORRUPT` by its message, otherwise as `context.run`
 */
export async function runQemuImg(
  args: readonly string[],
  context: Context,
  options: {
    readonly subject: string;
    readonly acceptExitCodes?: readonly number[];
    readonly onStdout?: (chunk: string) => void;
  },
): Promise<RunResult> {
  const { subject, ...runOptions } = options;
  try {
    return await context.run("qemu-img", args, { maxBuffer: MAX_ANSWER_BYTES, ...runOptions });
  } catch (error) {
    throw translate(error, subject, args[0]);
  }
}

function translate(error: unknown, subject: string, subcommand: string | undefined): unknown {
  if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") return error;
  const talk = error.details.join("\n");
  if (/No space left on device|Disk quota exceeded/.test(talk)) {
    return new ApplianceError("LIB_NO_SPACE", `${subject}: no space left on the device`, {
      cause: error,
      details: error.details,
      hint: "free space there, or choose another folder",
    });
  }
  const onlyReads = subcommand === "info" || subcommand === "check";
  if (onlyReads || /corrupt|error while reading|[Ii]nput\/output error/.test(talk)) {
    return new ApplianceError("IMAGE_CORRUPT", `${subject}: qemu-img cannot read the image`, {
      cause: error,
      details: error.details,
      hint: "check it with qemu-img check, or copy it again",
    });
  }
  return error;
}
