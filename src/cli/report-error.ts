import { ApplianceError } from "../errors.ts";

/**
 * Answers the text that a failure is reported with: the message, one indented line per detail, then the hint; the
 * code ends the hint, or the message where there is none. A bug (anything but an ApplianceError) is reported with its stack.
 */
export function renderError(error: unknown, program = "virt-appliance"): string {
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

/** Answers the exit status for a failure. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ApplianceError ? error.exitCode : 1;
}
