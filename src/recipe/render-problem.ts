import type { RecipeProblem } from "./kickstart/model.ts";

/** Returns one line for a problem: `site.ks:12: message [code]`. */
export function renderRecipeProblem(problem: RecipeProblem): string {
  const line = problem.line === undefined ? "" : `:${problem.line}`;
  return `${problem.origin}${line}: ${problem.message} [${problem.code}]`;
}
