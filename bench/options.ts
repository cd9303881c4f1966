import { parseArgs } from "node:util";
import type { Row } from "./model.ts";

/** What is measured, and how. */
export interface BenchOptions {
  readonly rows: readonly Row[];
  readonly scale: number;
  /** Number of runs of every contender. Default: the row's. */
  readonly rounds: number | undefined;
  /** True if all rows are measured at their usual size, and the result is written to the repository. */
  readonly isWhole: boolean;
}

function positive(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`${name}: expected a number over 0, found "${text}"`);
}

function refuseUnknown(found: readonly string[], expected: readonly string[], what: string): void {
  const unknown = found.filter((name) => !expected.includes(name));
  if (unknown.length === 0) return;
  const known = [...new Set(expected)].join(", ");
  throw new Error(`${unknown.join(", ")}: no such ${what}, expected ${known}`);
}

/**
 * Reads the arguments of the bench.
 *
 * @throws Error for an unknown row, chapter or option, or a number that is none
 */
export function readOptions(args: readonly string[], all: readonly Row[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      row: { type: "string", multiple: true, default: [] },
      chapter: { type: "string", multiple: true, default: [] },
      scale: { type: "string" },
      rounds: { type: "string" },
    },
  });
  const split = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== "");
  const [names, chapters] = [split(values.row), split(values.chapter)];
  refuseUnknown(
    names,
    all.map(({ name }) => name),
    "row",
  );
  refuseUnknown(
    chapters,
    all.map(({ chapter }) => chapter),
    "chapter",
  );
  const isChosen = ({ name, chapter }: Row): boolean =>
    names.includes(name) || chapters.includes(chapter);
  const isPart = names.length + chapters.length > 0;
  const [scale, rounds] = [positive(values.scale, "SCALE"), positive(values.rounds, "ROUNDS")];
  return {
    rows: isPart ? all.filter(isChosen) : all,
    scale: scale ?? 1,
    rounds,
    isWhole: !isPart && (scale ?? 1) === 1 && rounds === undefined,
  };
}
