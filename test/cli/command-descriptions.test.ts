import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describeCommand } from "../../src/cli/describe-command.ts";
import { renderCommand } from "../../src/cli/manual/render-command.ts";
import { descriptions } from "../../src/cli/command-descriptions.ts";
import { commands } from "../../src/cli/commands.ts";

describe("what a command does", () => {
  it("is said of every command that there is, and of no other", async () => {
    const modules = await readdir(new URL("../../src/cli/commands/", import.meta.url));
    const names = modules.filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3));
    assert.deepEqual(commands.map(({ name }) => name).sort(), names.sort());
    assert.deepEqual(Object.keys(descriptions).sort(), names.sort());
  });

  for (const { name, describe: inOverview, load } of commands) {
    it(`is the same in overview, help and manual: ${name}`, async () => {
      const described = describeCommand((await load()).command);
      assert.equal(described.name, name);
      assert.equal(described.describe, inOverview);
      if (described.commands.length > 0) return;
      const manual = renderCommand(described)
        .replaceAll("\\-", "-")
        .replaceAll(/\\\(aq/g, "'");
      const plain = manual.toLowerCase().replaceAll(/\s+/g, " ");
      assert.ok(plain.includes(inOverview.toLowerCase()), manual.slice(0, 400));
    });
  }
});
