import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { errorCodes } from "../../src/errors.ts";
import { testContext } from "../support/context.ts";
import { withFolder } from "../support/temporary.ts";

const { run } = testContext();
const LAUNCHER = path.join(import.meta.dirname, "../../spec-templates/tool/virt-appliance");

/** What node says its version is, and whether the program starts. */
const cases: readonly (readonly [string, boolean])[] = [
  ["v20.19.0", true],
  ["v20.20.2", true],
  ["v22.12.0", true],
  ["v24.0.0-nightly2025", true],
  ["v100.1.0", true],
  ["v23.0.0", true],
  ["v20.18.9", false],
  ["v21.7.3", false],
  ["v22.11.0", false],
  ["v18.20.8", false],
  ["v6.17.1", false],
  ["v0.10.48", false],
  ["", false],
  ["not a version", false],
  ["v20.x", false],
];

describe("launcher", () => {
  /** Runs the launcher with a node that is a small script. */
  async function launch(
    folder: string,
    version: string,
    args: readonly string[],
  ): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
    const node = path.join(folder, "node");
    const launcher = path.join(folder, "virt-appliance");
    const text = await readFile(LAUNCHER, "utf8");
    await writeFile(launcher, text.replace("node=/usr/bin/node", `node='${node}'`));
    await writeFile(
      node,
      `#!/bin/sh\nif [ "$1" = --version ]; then echo '${version}'; exit; fi\nprintf '<%s>' "$@"\nexit 7\n`,
    );
    await chmod(node, 0o755);
    return run("sh", [launcher, ...args], { acceptExitCodes: [4, 7] });
  }

  for (const [version, starts] of cases) {
    it(
      `${starts ? "starts with" : "refuses"} node "${version}"`,
      withFolder(async (folder) => {
        const { exitCode, stdout, stderr } = await launch(folder, version, ["a b", "", "*"]);
        if (starts) {
          const main = "/usr/share/virt-appliance/cli/dist/bundle/main.js";
          assert.deepEqual([exitCode, stdout, stderr], [7, `<${main}><a b><><*>`, ""]);
          return;
        }
        assert.equal(exitCode, errorCodes.CLI_NODE_TOO_OLD.exit);
        assert.match(
          stderr,
          /version .* found, 20\.19, or 22\.12 and later expected\n  hint: .*\[CLI_NODE_TOO_OLD\]\n$/,
        );
      }),
    );
  }

  it(
    "reports that node is missing",
    withFolder(async (folder) => {
      const launcher = path.join(folder, "virt-appliance");
      const text = await readFile(LAUNCHER, "utf8");
      await writeFile(launcher, text.replace("node=/usr/bin/node", "node=/nonexistent/node"));
      const { stderr } = await run("sh", [launcher], { acceptExitCodes: [4] });
      assert.match(stderr, /^virt-appliance: \/nonexistent\/node: version none found, 20\.19/);
    }),
  );
});
