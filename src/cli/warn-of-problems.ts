import type { Problem } from "../appliance/index.ts";
import type { Logger } from "../lib/context.ts";

/** Tells what was found about a source that did not prevent the work. */
export function warnOfProblems(
  problems: readonly (Problem & { readonly origin?: string })[],
  logger: Logger,
): void {
  for (const { origin, line, message, code } of problems) {
    const at = line === undefined ? "" : `line ${line}: `;
    const place = origin === undefined ? at : `${origin}: ${at}`;
    logger.warn(`${place}${message} [${code}]`);
  }
}
