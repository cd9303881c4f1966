import type { KickstartItem } from "../kickstart/model.ts";
import type { Findings, Statement } from "./statement.ts";

/** Most of all documents together: more than any machine's kickstart has, and each may be held against each. */
const limits = { commands: 2500, lines: 120_000, words: 40_000 };

type Size = typeof limits;

function sizeOf(item: KickstartItem): Size {
  if (item.kind === "blank") return { commands: 0, lines: 1, words: 0 };
  const words = item.words.reduce((sum, { value }) => sum + value.split(",").length, 0);
  const isSection = item.kind === "section";
  return { commands: isSection ? 0 : 1, lines: isSection ? item.body.length + 2 : 1, words };
}

/** Returns the statements as far as they are those of one machine; having more is an error. */
export function withinLimits(
  statements: readonly Statement[],
  findings: Findings,
): readonly Statement[] {
  const total: Size = { commands: 0, lines: 0, words: 0 };
  for (const [index, statement] of statements.entries()) {
    const size = sizeOf(statement.item);
    for (const what of ["commands", "lines", "words"] as const) {
      total[what] += size[what];
      if (total[what] <= limits[what]) continue;
      const message = `kickstart: more than ${limits[what]} ${what} in all documents together, expected those of one machine`;
      findings.report("error", "too-large", message, statement);
      return statements.slice(0, index);
    }
  }
  return statements;
}
