import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RunResult } from "../../src/lib/exec.ts";
import { descriptorOf, noise, writeAppliance } from "../support/appliance-fixture.ts";
import { testContext } from "../support/context.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 2 ** 20;
const { run } = testContext();
const root = fileURLToPath(new URL("../../", import.meta.url));

function program(...args: readonly string[]): Promise<RunResult> {
  return run(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    cwd: root,
    acceptExitCodes: [1, 2],
  });
}

describe("build on the command line", () => {
  it(
    "builds nothing when one source's package would replace another's",
    withFolder(async (folder) => {
      const sources = ["web", "copy"].map((name) => path.join(folder, name));
      for (const source of sources) {
        const files = { "root.raw": noise(MIB, source) };
        await writeAppliance(source, descriptorOf([{ file: "root.raw" }]), files);
      }
      const out = path.join(folder, "out");
      await mkdir(out);
      for (const how of [[], ["--dry-run"]]) {
        const { exitCode, stdout, stderr } = await program("build", ...sources, "-o", out, ...how);
        assert.deepEqual([exitCode, stdout], [1, ""], stderr);
        for (const source of sources) assert.ok(stderr.includes(source), stderr);
        assert.match(stderr, /web-appliance-1\.0-1\.x86_64\.rpm: .*\[PLAN_SAME_PACKAGE\]/s);
        assert.deepEqual(await namesIn(out), []);
      }
    }),
  );
});
