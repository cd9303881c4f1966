import assert from "node:assert/strict";
import {
  describeVerb,
  type OptionDescription,
  type VerbDescription,
} from "../../src/cli/describe-verb.ts";
import { defineVerb, defineVerbGroup } from "../../src/cli/verb.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { openMeasuredProgram } from "../support/bundled-program.ts";

const paint = defineVerb({
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
  run: () => assert.fail("a description ran its verb"),
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

describe("description of a verb", () => {
  it("shows examples whole on a terminal of 80 columns", async () => {
    for (const { load } of verbs) {
      const { examples } = describeVerb((await load()).verb);
      for (const [command] of examples) assert.ok(command.length <= 76, command);
    }
    await using program = await openMeasuredProgram();
    const stdout = await program.run("verify", "--help");
    const command = "virt-appliance verify web-appliance-1.2-3.x86_64.rpm --key RPM-GPG-KEY-web";
    assert.ok(stdout.endsWith(`Examples:\n  # check one package\n  ${command}\n`), stdout);
  });

  it("says all that its definition says", () => {
    const wanted: VerbDescription = {
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
      verbs: [],
    };
    assert.deepEqual(describeVerb(paint), wanted);
  });

  it("says the verbs of a family by their whole names", () => {
    const family = defineVerbGroup({ command: "house", describe: "a house", verbs: [paint] });
    const { name, options, verbs } = describeVerb(family);
    assert.deepEqual([name, options], ["house", []]);
    assert.deepEqual(
      verbs.map((verb) => [verb.name, verb.options.length]),
      [["house paint", 4]],
    );
  });

  for (const { name, load } of verbs) {
    it(`finds ${name} described in full`, async () => {
      const described = describeVerb((await load()).verb);
      assert.equal(described.name, name);
      const all = [described, ...described.verbs];
      const mute = all.flatMap((verb) =>
        [...verb.positionals, ...verb.options]
          .filter((option) => option.describe === "")
          .map((option) => `${verb.name}: ${option.name}`),
      );
      assert.deepEqual(mute, []);
      for (const verb of all.filter((one) => one.verbs.length === 0)) {
        const words = verb.usage.match(/\w[\w-]*/g) ?? [];
        assert.deepEqual(
          words,
          verb.positionals.map((one) => one.name),
          verb.name,
        );
      }
    });
  }
});
