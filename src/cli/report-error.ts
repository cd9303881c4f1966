import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";

/** Converts errors of the system, such as a disk error or a reached limit, to ApplianceError: they are not bugs. */
function asExpected(error: unknown): unknown {
  if (error instanceof ApplianceError || !(error instanceof Error)) return error;
  if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
    // Node also reports this code at the limit of open files.
    return new ApplianceError("LIB_IO", "a part of the program cannot be read", {
      cause: error,
      details: [error.message],
      hint: "raise the limit of open files (ulimit -n 1024), or reinstall the program",
    });
  }
  if ("path" in error) return fileError(error, String(error.path));
  return "syscall" in error ? fileError(error, String(error.syscall)) : error;
}

/**
 * Returns the text of an error report: the message, one indented line per detail, then the hint. The code follows the
 * hint, or the message if there is no hint. A bug is reported with its stack: any error other than an ApplianceError or
 * an error of the system.
 */
export function renderError(failure: unknown, program = "virt-appliance"): string {
  const error = asExpected(failure);
  if (!(error instanceof ApplianceError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${program}: internal error: ${text}\n  hint: this is a bug; please report it with the command that led to it\n`;
  }
  const { message, details, hint, code } = error;
  const lines = [`${program}: ${message}${hint === undefined ? `  [${code}]` : ""}`];
  for (const detail of details) lines.push(`  ${detail}`);
  if (hint !== undefined) lines.push(`  hint: ${hint}  [${code}]`);
  return `${lines.join("\n")}\n`;
}

/** Returns the exit status for an error. */
export function exitCodeOf(failure: unknown): number {
  const error = asExpected(failure);
  return error instanceof ApplianceError ? error.exitCode : 1;
}
