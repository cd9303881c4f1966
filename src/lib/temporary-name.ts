import { createHash, randomBytes } from "node:crypto";
import os from "node:os";

/** Identifies this machine in names on a file system that several machines share. */
export const MACHINE: string = createHash("sha256").update(os.hostname()).digest("hex").slice(0, 8);

/** What a file system takes, without what a temporary name adds: points, machine, process, random digits, suffix. */
const MAX_STEM_BYTES = 255 - ".".length - ".01234567-0123456789-01234567.tmp".length;

/** Returns the beginning of the names of temporary files for a file: a long name is cut. */
export function temporaryPrefix(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.length <= MAX_STEM_BYTES) return `.${name}.`;
  const cut = bytes.subarray(0, MAX_STEM_BYTES).toString("utf8");
  // A character that was cut through.
  return `.${cut.replace(/\ufffd+$/, "")}.`;
}

/** Returns the name of a temporary file beside a file; it contains the machine and the process that write it. */
export function temporaryName(name: string): string {
  const random = randomBytes(4).toString("hex");
  return `${temporaryPrefix(name)}${MACHINE}-${process.pid}-${random}.tmp`;
}
