import assert from "node:assert/strict";
import yargs from "yargs";
import { addCommand } from "../../../src/cli/add-command.ts";
import { chooseCommand } from "../../../src/cli/choose-command.ts";
import { commands } from "../../../src/cli/commands.ts";

/** Returns the arguments that a command would run with. */
async function parse(words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const chosen = await chooseCommand(words, commands);
  assert.ok(chosen !== undefined);
  let seen: Readonly<Record<string, unknown>> = {};
  const parser = yargs()
    .strict()
    .exitProcess(false)
    .fail((message) => {
      throw new Error(message);
    });
  await addCommand(parser, chosen, (_command, args) => {
    seen = args;
    return Promise.resolve();
  }).parseAsync([...words]);
  return seen;
}

describe("an option that may be repeated", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["create --set a=b --set c=d web vm1", { set: ["a=b", "c=d"], name: "web", vm: "vm1" }],
    ["create --network lan web vm1", { network: ["lan"], name: "web", vm: "vm1" }],
    ["adopt --disk root=vda vm1", { disk: ["root=vda"], domain: "vm1" }],
    ["recipe ks --set a=b web", { set: ["a=b"], recipe: "web" }],
    ["recipe node --set a=b web vm1", { set: ["a=b"], recipe: "web", vm: "vm1" }],
    ["verify --key release a.rpm b.rpm", { key: ["release"], rpm: ["a.rpm", "b.rpm"] }],
  ];
  for (const [line, expected] of cases) {
    it(`takes one value each time, before the arguments: ${line}`, async () => {
      const args = await parse(line.split(" "));
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(args[name], value);
    });
  }
});
