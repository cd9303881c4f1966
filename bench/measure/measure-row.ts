import type { Context } from "../../src/lib/context.ts";
import type { Shop } from "../inputs/shop.ts";
import type { Contender, Row, RowResult, Sample } from "../model.ts";
import { measureCommand } from "./measure-command.ts";
import { planRounds } from "./plan-rounds.ts";

async function measureOnce(one: Contender, round: number, context: Context): Promise<Sample> {
  await one.prepare?.(round);
  try {
    // What was written before must not reach the disk at the command's expense.
    await context.run("sync", []);
    return await measureCommand(one.command(round), context);
  } finally {
    await one.finish?.(round);
  }
}

/**
 * Measures a row: in each round, every contender runs once, so that a change of the machine's load falls on all.
 *
 * @param options.rounds  number of runs of every contender. Default: the row's
 * @param options.report  called before each run
 */
export async function measureRow(
  row: Row,
  shop: Shop,
  options: { readonly rounds?: number | undefined; readonly report: (text: string) => void },
): Promise<RowResult> {
  const { ours, peers } = await row.open(shop);
  const contenders = [ours, ...peers];
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  const wanted = contenders.map((one) => options.rounds ?? one.rounds ?? row.rounds);
  for (const { index, round } of planRounds(wanted)) {
    const one = contenders[index];
    if (one === undefined) continue;
    options.report(`${row.name}: ${one.name}, run ${round + 1} of ${wanted[index]}`);
    samples.get(one.name)?.push(await measureOnce(one, round, shop.context));
  }
  const resultOf = ({ name }: Contender) => ({ name, samples: samples.get(name) ?? [] });
  const { name, title, aims, seconds } = row;
  const goals = { aims, ...(seconds === undefined ? {} : { seconds }) };
  return { name, title, ...goals, ours: resultOf(ours), peers: peers.map(resultOf) };
}
