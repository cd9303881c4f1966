import type { Problem } from "../../appliance/index.ts";
import type { Logger } from "../../lib/context.ts";
import { renderRecipeProblem } from "../../recipe/index.ts";

/** Logs the problems of a source that did not prevent the work, as warnings. */
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
