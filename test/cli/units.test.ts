import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { commands } from "../../src/cli/commands.ts";

const FOLDER = path.join(import.meta.dirname, "../../spec-templates/tool");

describe("units of the command line", () => {
  it("start commands that there are", async () => {
    const services = (await readdir(FOLDER)).filter((name) => name.endsWith(".service"));
    assert.ok(services.length > 0);
    for (const service of services) {
      const text = await readFile(path.join(FOLDER, service), "utf8");
      const [, command] = /^ExecStart=\/usr\/bin\/virt-appliance (\S+)/m.exec(text) ?? [];
      assert.ok(
        commands.some(({ name }) => name === command),
        `${service}: ${command}`,
      );
    }
  });
});
