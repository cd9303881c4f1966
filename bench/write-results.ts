import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Results } from "./model.ts";
import { drawBars } from "./report/draw-bars.ts";
import { renderSummary, renderTable } from "./report/render-table.ts";
import { replaceBetween } from "./report/replace-between.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Writes the table, its data and its picture to `bench/`, and what the README quotes. */
export async function writeResults(results: Results, root: string = ROOT): Promise<void> {
  const readme = path.join(root, "README.md");
  const text = await readFile(readme, "utf8");
  const changed = replaceBetween(text, "bench", renderSummary(results));
  const bench = path.join(root, "bench");
  await writeFile(path.join(bench, "results.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(
    path.join(bench, "results.md"),
    `# Results of \`make bench\`\n\n${renderTable(results)}`,
  );
  await writeFile(path.join(bench, "results.svg"), drawBars(results));
  await writeFile(readme, changed);
}
