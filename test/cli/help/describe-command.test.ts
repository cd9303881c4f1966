import assert from "node:assert/strict";
import {
  describeCommand,
  type OptionDescription,
  type CommandDescription,
} from "../../../src/cli/help/describe-command.ts";
import { defineCommand, type SingleCommandEntry } from "../../../src/cli/command.ts";
import { commands } from "../../../src/cli/commands.ts";
import { openMeasuredProgram } from "../../support/bundled-program.ts";

const command = defineCommand({
  positionals: { wall: { type: "string", array: true, demandOption: true, describe: "a wall" } },
  options: {
    colour: { alias: ["c", "color"], choices: ["red", "blue"], default: "red", describe: "which" },
    dry: { type: "boolean", default: true, describe: "let it dry" },
    wet: { type: "boolean", conflicts: "dry", describe: "do not" },
    coat: { type: "string", array: true, demandOption: true, describe: "again" },
  },
  examples: [["virt-appliance paint north", "one wall"]],
  exitStatuses: { 4: "the host lacks a wall" },
  run: () => assert.fail("a description ran its command"),
});

const paint: SingleCommandEntry = {
  name: "paint",
  summary: "paint walls",
  load: () => Promise.resolve({ command }),
};

const plain: OptionDescription = {
  name: "",
  aliases: [],
  describe: "",
  takesValue: false,
  isValueOptional: false,
  isNumber: false,
  isOn: false,
  isRequired: false,
  isRepeatable: false,
  isHidden: false,
  defaultValue: undefined,
  choices: [],
};

describe("description of a command", () => {
  it("shows examples whole on a terminal of 80 columns", async () => {
    for (const entry of commands) {
      const { examples } = await describeCommand(entry);
      for (const [line] of examples) assert.ok(line.length <= 76, line);
    }
    await using program = await openMeasuredProgram();
    const stdout = await program.run("verify", "--help");
    const line = "virt-appliance verify web-appliance-1.2-3.x86_64.rpm --key RPM-GPG-KEY-web";
    assert.ok(stdout.includes(`Examples:\n  # check one package\n  ${line}\n`), stdout);
    assert.match(stdout, /\nExit status:\n {2}3 {2}[^\n]+\n$/);
  });

  it("says all that its definition says", async () => {
    const wanted: CommandDescription = {
      name: "paint",
      usage: "<wall..>",
      summary: "paint walls",
      positionals: [
        {
          ...plain,
          name: "wall",
          describe: "a wall",
          takesValue: true,
          isRequired: true,
          isRepeatable: true,
        },
      ],
      options: [
        {
          ...plain,
          name: "colour",
          aliases: ["c", "color"],
          describe: "which",
          takesValue: true,
          defaultValue: "red",
          choices: ["red", "blue"],
        },
        { ...plain, name: "dry", describe: "let it dry", isOn: true },
        { ...plain, name: "wet", describe: "do not" },
        {
          ...plain,
          name: "coat",
          describe: "again",
          takesValue: true,
          isRequired: true,
          isRepeatable: true,
        },
      ],
      examples: [["virt-appliance paint north", "one wall"]],
      exitStatuses: { 4: "the host lacks a wall" },
      commands: [],
    };
    assert.deepEqual(await describeCommand(paint), wanted);
  });

  it("says the commands of a family by their whole names", async () => {
    const house = { name: "house", summary: "a house", commands: [paint] };
    const { name, options, commands: members } = await describeCommand(house);
    assert.deepEqual([name, options], ["house", []]);
    assert.deepEqual(
      members.map((member) => [member.name, member.options.length]),
      [["house paint", 4]],
    );
  });

  for (const entry of commands) {
    it(`finds ${entry.name} described in full`, async () => {
      const described = await describeCommand(entry);
      const all = [described, ...described.commands];
      const mute = all.flatMap((each) =>
        [...each.positionals, ...each.options]
          .filter((option) => option.describe === "")
          .map((option) => `${each.name}: ${option.name}`),
      );
      assert.deepEqual(mute, []);
    });
  }
});
