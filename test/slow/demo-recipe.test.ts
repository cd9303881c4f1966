import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { withFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const STEPS = 7;

describe("the demo of a recipe", () => {
  it(
    "goes from a folder to a VM that is what --set says, and leaves nothing behind",
    withFolder(async (folder) => {
      const child = spawn(process.execPath, ["--import", "tsx", "examples/demo-recipe/main.ts"], {
        cwd: ROOT,
        env: { ...process.env, TMPDIR: folder, LC_ALL: "C.UTF-8" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
      }
      const exitCode = await new Promise((resolve) => child.once("close", resolve));
      assert.equal(exitCode, 0, output);
      for (let step = 1; step <= STEPS; step += 1) {
        assert.match(output, new RegExp(`^\\[${step}/${STEPS}\\] .* \\d+\\.\\d s$`, "m"));
      }
      for (const fact of [
        /page-appliance-recipe-1\.0-1\.noarch\.rpm: [\d.]+ KiB, signed/,
        /rootpw --plaintext '\*{8}'/,
        /node 'vm1\.example\.com' \{/,
        /console: installer: vdb1: ext4 for \/srv/,
        /console: virt-appliance: the installation is complete/,
        /console: .*<p>Servus<\/p>/,
        /console: .*first boot: page-1\.0-1 is configured/,
        /page-appliance-puppet-1\.1-1\.noarch/,
        /<p>new in version 1\.1<\/p>/,
        /update its Puppet module page instead/,
      ]) {
        assert.match(output, fact);
      }
      const left = (await readdir(folder)).filter((name) => !name.startsWith("tsx-"));
      assert.deepEqual(left, []);
    }),
  );
});
