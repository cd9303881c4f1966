import type { KickstartItem } from "../kickstart/model.ts";
import type { Findings, Statement } from "./statement.ts";

/** Limits for all documents together, because statements are compared in pairs. No machine's kickstart needs more. */
const limits = { commands: 2500, lines: 120_000, words: 40_000 };

type Size = typeof limits;

function sizeOf(item: KickstartItem): Size {
  if (item.kind === "blank") return { commands: 0, lines: 1, words: 0 };
  const words = item.words.reduce((sum, { value }) => sum + value.split(",").length, 0);
  const isSection = item.kind === "section";
  return { commands: isSection ? 0 : 1, lines: isSection ? item.body.length + 2 : 1, words };
}

/** Returns the statements up to the first one that exceeds a limit. Exceeding a limit is an error. */
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
