import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";

/** What the system refused to do is no bug, wherever it comes from: a disk that fails, a limit that is reached. */
function asExpected(error: unknown): unknown {
  if (error instanceof ApplianceError || !(error instanceof Error)) return error;
  if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
    // Node says so too when it may open no more files.
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
 * Returns the text that a failure is reported with: the message, one indented line per detail, then the hint; the
 * code ends the hint, or the message where there is none. A bug (anything but an ApplianceError and a refusal of the
 * system) is reported with its stack.
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

/** Returns the exit status for a failure. */
export function exitCodeOf(failure: unknown): number {
  const error = asExpected(failure);
  return error instanceof ApplianceError ? error.exitCode : 1;
}
