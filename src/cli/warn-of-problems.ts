import type { Problem } from "../appliance/index.ts";
import type { Logger } from "../lib/context.ts";

/** Tells what was found about a source that did not prevent the work. */
export function warnOfProblems(problems: readonly Problem[], logger: Logger): void {
  for (const { line, message, code } of problems) {
    const place = line === undefined ? "" : `line ${line}: `;
    logger.warn(`${place}${message} [${code}]`);
  }
}
