import type { BadInput, BadInputs } from "../support/bad-input.ts";
import { assertRefused, Sandbox } from "../support/sandbox.ts";
import { badArguments } from "./bad-arguments.ts";
import { badDescriptors } from "./bad-descriptors.ts";
import { badSources } from "./bad-sources.ts";

/** How many programs run at a time. */
const AT_A_TIME = 2;

async function run({ prepare, args, ...expected }: BadInput): Promise<void> {
  await using sandbox = await Sandbox.open();
  await prepare?.(sandbox);
  await assertRefused(sandbox, args, expected, expected);
}

/** One test for each: it is refused as it should be, and nothing in its sandbox came, went or was touched. */
function refuses(rows: BadInputs): void {
  const names = Object.keys(rows);
  const runs = new Map<string, Promise<void>>();
  const start = (name: string): Promise<void> => {
    const row = rows[name];
    if (row === undefined) throw new TypeError(`no row ${name}`);
    const started = runs.get(name) ?? run(row);
    runs.set(name, started);
    started.catch(() => undefined);
    return started;
  };
  names.forEach((name, index) => {
    it(name, async () => {
      const started = start(name);
      for (const next of names.slice(index + 1, index + AT_A_TIME)) void start(next);
      await started;
    });
  });
}

describe("bad input to the built program", () => {
  describe("arguments and outputs", () => refuses(badArguments));
  describe("sources", () => refuses(badSources));
  describe("descriptors and disks", () => refuses(badDescriptors));
});
