import assert from "node:assert/strict";
import yargs from "yargs";
import { addCommand, type Command } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";

/** Returns the arguments that a command would run with. */
async function parse(words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const entry = commands.find(({ name }) => name === words[0]);
  assert.ok(entry !== undefined);
  const { command }: { readonly command: Command } = await entry.load();
  let seen: Readonly<Record<string, unknown>> = {};
  const parser = yargs()
    .strict()
    .exitProcess(false)
    .fail((message) => {
      throw new Error(message);
    });
  await addCommand(parser, command, (_command, args) => {
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
