import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describeCommand } from "../../../src/cli/help/describe-command.ts";
import { renderCommand } from "../../../src/cli/help/render-command.ts";
import { commands } from "../../../src/cli/commands.ts";

describe("what a command does", () => {
  it("is said of every command that there is, and of no other", async () => {
    const folder = new URL("../../../src/cli/commands/", import.meta.url);
    const modules = await readdir(folder, { recursive: true });
    const names = commands.flatMap((entry) =>
      "load" in entry ? [entry.name] : entry.commands.map(({ name }) => `${entry.name}/${name}`),
    );
    assert.deepEqual(
      modules.filter((name) => name.endsWith(".ts")).sort(),
      names.map((name) => `${name}.ts`).sort(),
    );
  });

  for (const entry of commands) {
    it(`is the same in overview, help and manual: ${entry.name}`, async () => {
      const described = await describeCommand(entry);
      assert.equal(described.name, entry.name);
      assert.equal(described.summary, entry.summary);
      if (described.commands.length > 0) return;
      const manual = renderCommand(described)
        .replaceAll("\\-", "-")
        .replaceAll(/\\\(aq/g, "'");
      const plain = manual.toLowerCase().replaceAll(/\s+/g, " ");
      assert.ok(plain.includes(entry.summary.toLowerCase()), manual.slice(0, 400));
    });
  }
});
