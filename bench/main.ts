import { loadavg } from "node:os";
import { testContext } from "../test/support/context.ts";
import { checkMachine, leftOutPeers } from "./check-machine.ts";
import { openFinishedRows } from "./finished-rows.ts";
import { openShop } from "./inputs/shop.ts";
import { measureRow } from "./measure/measure-row.ts";
import type { RowResult } from "./model.ts";
import { type BenchOptions, readOptions } from "./options.ts";
import { compare, missesAim } from "./report/compare.ts";
import { readMachine } from "./report/read-machine.ts";
import { renderTable } from "./report/render-table.ts";
import { rows as allRows } from "./rows/rows.ts";
import { writeResults } from "./write-results.ts";

// usage: main.ts [--row NAME] [--chapter NAME] [--scale SHARE] [--rounds NUMBER] (default: all rows)

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupt.abort());
}
const context = testContext({ signal: interrupt.signal });
const started = Date.now();

function report(text: string): void {
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stderr.write(`[${String(seconds).padStart(4)} s] ${text}\n`);
}

/** Measures the rows that are not finished, those of a chapter with the same inputs. */
async function measureAll(
  { rows, scale, rounds }: BenchOptions,
  finished: { readonly rows: readonly RowResult[]; add(row: RowResult): Promise<void> },
): Promise<readonly RowResult[]> {
  const isFinished = (name: string): boolean => finished.rows.some((row) => row.name === name);
  for (const chapter of new Set(rows.map((row) => row.chapter))) {
    const open = rows.filter((row) => row.chapter === chapter && !isFinished(row.name));
    if (open.length === 0) continue;
    await using shop = await openShop(context, { scale, report });
    for (const row of open) {
      interrupt.signal.throwIfAborted();
      await finished.add(await measureRow(row, shop, { rounds, report }));
    }
  }
  return rows.flatMap(({ name }) => finished.rows.filter((row) => row.name === name));
}

async function bench(args: readonly string[]): Promise<void> {
  const options = readOptions(args, allRows);
  const { scale, isWhole } = options;
  await checkMachine(options.rows, scale);
  const kept: RowResult[] = [];
  const memory = { rows: kept, add: async (row: RowResult) => void kept.push(row) };
  const finished = isWhole ? await openFinishedRows(context) : undefined;
  for (const { name } of finished?.rows ?? []) report(`${name}: kept from the interrupted run`);
  report(`load ${(loadavg()[0] ?? 0).toFixed(1)}`);
  const rows = await measureAll(options, finished ?? memory);
  const date = new Date().toISOString().slice(0, 10);
  const machine = await readMachine();
  const results = { date, machine, scale, leftOut: await leftOutPeers(), rows };
  process.stdout.write(`${renderTable(results)}\n`);
  const missed = compare(rows).filter(missesAim);
  for (const { row, peer } of missed) report(`${row}: misses its aim (${peer})`);
  if (!isWhole) return;
  await writeResults(results);
  await finished?.clear();
}

try {
  await bench(process.argv.slice(2));
} catch (error) {
  if (interrupt.signal.aborted) process.stderr.write("interrupted\n");
  else process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof Error && "details" in error && !interrupt.signal.aborted)
    process.stderr.write(`${(error.details as readonly string[]).join("\n")}\n`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
