import assert from "node:assert/strict";
import { describeCommand, type OptionDescription } from "../../../src/cli/help/describe-command.ts";
import { keysFolder, KEYS_FOLDER } from "../../../src/cli/options/keys-folder.ts";
import { commands } from "../../../src/cli/commands.ts";

/** Options with a value that stand for nothing when they are not given, with the reason why that needs no words. */
const withoutDefault: Readonly<Record<string, string>> = {
  "keys generate --email": "required, unless --uid is given",
  "keys generate --uid": "required, unless --email is given",
};

/** True if help and manual page show what holds when an option is not given. */
function statesDefault({
  describe,
  defaultValue,
  isRequired,
  ...option
}: OptionDescription): boolean {
  // yargs shows the default of a switch; a list is empty until something is added to it.
  if (!option.takesValue) return true;
  return (
    option.isRepeatable ||
    isRequired ||
    defaultValue !== undefined ||
    describe.includes("(default: ")
  );
}

describe("the default of an option", () => {
  for (const entry of commands) {
    it(`is stated for every option of ${entry.name}`, async () => {
      const described = await describeCommand(entry);
      const members = described.commands.length > 0 ? described.commands : [described];
      const silent = members.flatMap((command) =>
        command.options
          .filter((option) => !statesDefault(option))
          .map((option) => `${command.name} --${option.name}`),
      );
      const expected = Object.keys(withoutDefault).filter((each) =>
        each.startsWith(`${entry.name} `),
      );
      assert.deepEqual(silent, expected);
    });
  }

  it("is not stated twice", async () => {
    for (const entry of commands) {
      const described = await describeCommand(entry);
      for (const { name, options } of [described, ...described.commands])
        for (const { name: option, describe, defaultValue } of options)
          assert.ok(
            defaultValue === undefined || !describe.includes("(default: "),
            `${name} --${option}`,
          );
    }
  });

  it("is the folder of keys that commands use", () => {
    assert.equal(KEYS_FOLDER.replace("~", "/home/u"), keysFolder({ HOME: "/home/u" }));
  });
});
