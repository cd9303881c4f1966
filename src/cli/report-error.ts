import { ApplianceError } from "../errors.ts";

/**
 * Answers the text that a failure is reported with: the message, one indented line per detail, then the hint and the
 * code. A bug (anything but an ApplianceError) is reported with its stack.
 */
export function renderError(error: unknown, program = "virt-appliance"): string {
  if (!(error instanceof ApplianceError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${program}: internal error: ${text}\n  hint: this is a bug; please report it with the command that led to it\n`;
  }
  const lines = [`${program}: ${error.message}`];
  for (const detail of error.details) lines.push(`  ${detail}`);
  lines.push(
    error.hint === undefined ? `  [${error.code}]` : `  hint: ${error.hint}  [${error.code}]`,
  );
  return `${lines.join("\n")}\n`;
}

/** Answers the exit status for a failure. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ApplianceError ? error.exitCode : 1;
}
