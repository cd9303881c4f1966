import type { Problem } from "../appliance/index.ts";
import type { Logger } from "../lib/context.ts";
import { renderRecipeProblem } from "../recipe/index.ts";

/** Tells what was found about a source that did not prevent the work. */
export function warnOfProblems(
  problems: readonly (Problem & { readonly origin?: string })[],
  logger: Logger,
): void {
  for (const { origin, ...problem } of problems) {
    if (origin !== undefined) {
      logger.warn(renderRecipeProblem({ ...problem, origin }));
      continue;
    }
    const { line, message, code } = problem;
    logger.warn(`${line === undefined ? "" : `line ${line}: `}${message} [${code}]`);
  }
}
