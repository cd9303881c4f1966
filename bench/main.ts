import { availableParallelism, loadavg } from "node:os";
import { type Chapter, type Measurement, median } from "./chapter.ts";
import { chapter as host } from "./host.ts";
import { chapter as repository } from "./repository.ts";

// usage: main.ts [CHAPTER...]: runs these chapters (default: all).
const chapters: readonly Chapter[] = [host, repository];

function cells({ what, ours, theirs, aim }: Measurement): readonly string[] {
  const [own, other] = [median(ours), median(theirs.seconds)];
  return [
    what,
    `${own.toFixed(2)} s`,
    `${aim.toFixed(2)} s`,
    theirs.tool,
    `${other.toFixed(2)} s`,
    (own / other).toFixed(2),
  ];
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  for (const row of rows)
    process.stdout.write(
      `${row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
}

const names = process.argv.slice(2);
const known = chapters.map(({ name }) => name);
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0)
  throw new Error(`${unknown.join(", ")}: no such chapter, expected ${known.join(", ")}`);

const load = (loadavg()[0] ?? 0).toFixed(1);
process.stdout.write(`${availableParallelism()} processors, load ${load}; medians\n`);
for (const { name, title, run } of chapters) {
  if (names.length > 0 && !names.includes(name)) continue;
  process.stdout.write(`\n${name}: ${title}\n`);
  print([["", "ours", "aim", "beside it", "takes", "ratio"], ...(await run()).map(cells)]);
}
