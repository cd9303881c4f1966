import assert from "node:assert/strict";
import {
  describeCommand,
  type OptionDescription,
  type CommandDescription,
} from "../../src/cli/describe-command.ts";
import { defineCommand, defineCommandGroup } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { openMeasuredProgram } from "../support/bundled-program.ts";

const paint = defineCommand({
  command: "paint <wall..>",
  describe: "paint walls",
  options: (yargs) =>
    yargs
      .positional("wall", { type: "string", array: true, demandOption: true, describe: "a wall" })
      .option("colour", {
        alias: ["c", "color"],
        choices: ["red", "blue"],
        default: "red",
        describe: "which",
      })
      .options({ dry: { type: "boolean", default: true, describe: "let it dry" } })
      .option("wet", { type: "boolean", describe: "do not" })
      .option("coat", { type: "string", array: true, demandOption: true, describe: "again" })
      .conflicts("wet", "dry")
      .check(() => true)
      .example("$0 paint north", "one wall")
      .epilogue("Mind the floor."),
  run: () => assert.fail("a description ran its command"),
});

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
  defaultValue: undefined,
  choices: [],
};

describe("description of a command", () => {
  it("shows examples whole on a terminal of 80 columns", async () => {
    for (const { load } of commands) {
      const { examples } = describeCommand((await load()).command);
      for (const [command] of examples) assert.ok(command.length <= 76, command);
    }
    await using program = await openMeasuredProgram();
    const stdout = await program.run("verify", "--help");
    const command = "virt-appliance verify web-appliance-1.2-3.x86_64.rpm --key RPM-GPG-KEY-web";
    assert.ok(stdout.endsWith(`Examples:\n  # check one package\n  ${command}\n`), stdout);
  });

  it("says all that its definition says", () => {
    const wanted: CommandDescription = {
      name: "paint",
      usage: "<wall..>",
      describe: "paint walls",
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
      commands: [],
    };
    assert.deepEqual(describeCommand(paint), wanted);
  });

  it("says the commands of a family by their whole names", () => {
    const family = defineCommandGroup({ command: "house", describe: "a house", commands: [paint] });
    const { name, options, commands } = describeCommand(family);
    assert.deepEqual([name, options], ["house", []]);
    assert.deepEqual(
      commands.map((command) => [command.name, command.options.length]),
      [["house paint", 4]],
    );
  });

  for (const { name, load } of commands) {
    it(`finds ${name} described in full`, async () => {
      const described = describeCommand((await load()).command);
      assert.equal(described.name, name);
      const all = [described, ...described.commands];
      const mute = all.flatMap((command) =>
        [...command.positionals, ...command.options]
          .filter((option) => option.describe === "")
          .map((option) => `${command.name}: ${option.name}`),
      );
      assert.deepEqual(mute, []);
      for (const command of all.filter((one) => one.commands.length === 0)) {
        const words = command.usage.match(/\w[\w-]*/g) ?? [];
        assert.deepEqual(
          words,
          command.positionals.map((one) => one.name),
          command.name,
        );
      }
    });
  }
});
