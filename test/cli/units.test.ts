import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { verbs } from "../../src/cli/verbs.ts";

const FOLDER = path.join(import.meta.dirname, "../../spec-templates/tool");

describe("units of the command line", () => {
  it("start verbs that there are", async () => {
    const services = (await readdir(FOLDER)).filter((name) => name.endsWith(".service"));
    assert.ok(services.length > 0);
    for (const service of services) {
      const text = await readFile(path.join(FOLDER, service), "utf8");
      const [, verb] = /^ExecStart=\/usr\/bin\/virt-appliance (\S+)/m.exec(text) ?? [];
      assert.ok(
        verbs.some(({ name }) => name === verb),
        `${service}: ${verb}`,
      );
    }
  });
});
