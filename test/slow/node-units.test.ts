import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type NodeVersion, openNodes } from "../../tools/other-nodes/open-nodes.ts";
import { temporaryFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const UNITS = ["--config", "test/support/mocharc-unit.json"];
const REPORTER = ["--reporter", "test/support/reporter.cjs"];
const SHOWN_CHARACTERS = 20_000;

/** Returns the versions to test: the one that TEST_NODE names, else all but the one of this process. */
function chooseNodes(nodes: readonly NodeVersion[]): readonly NodeVersion[] {
  const asked = process.env["TEST_NODE"] ?? "";
  const running = /^v(\d+)/.exec(process.version)?.[1];
  const chosen = nodes.filter(({ major }) => (asked === "" ? major !== running : major === asked));
  const known = nodes.map(({ major }) => major).join(", ");
  assert.ok(chosen.length > 0, `NODE=${asked} is none of ${known}`);
  return chosen;
}

/** The environment of mocha on another Node version: nothing of this mocha's. */
function environment({ binary }: NodeVersion, more: Readonly<Record<string, string>>) {
  const { NODE_OPTIONS, NODE_V8_COVERAGE, MOCHA_WORKER_ID, ...env } = process.env;
  void [NODE_OPTIONS, NODE_V8_COVERAGE, MOCHA_WORKER_ID];
  return { ...env, ...more, PATH: `${path.dirname(binary)}:${env["PATH"]}` };
}

describe("the units", () => {
  const folder = temporaryFolder();

  it("pass on the other Node versions", async () => {
    for (const node of chooseNodes(await openNodes())) {
      const totals = path.join(folder, `totals-${node.major}`);
      const failures = path.join(folder, `failures-${node.major}`);
      await writeFile(failures, "");
      const mocha = path.join(ROOT, "node_modules/mocha/bin/mocha.js");
      const child = spawn(node.binary, [mocha, ...UNITS, ...REPORTER], {
        cwd: ROOT,
        env: environment(node, { TEST_TOTALS: totals, TEST_FAILURES: failures }),
        stdio: ["ignore", "pipe", "pipe"],
      });
      let end = "";
      const keep = (chunk: string): void => {
        end = (end + chunk).slice(-SHOWN_CHARACTERS);
      };
      child.stdout.setEncoding("utf8").on("data", keep);
      child.stderr.setEncoding("utf8").on("data", keep);
      const [status] = (await once(child, "close")) as [number | null];
      assert.equal(await readFile(failures, "utf8"), "", `Node ${node.major}`);
      assert.equal(status, 0, `Node ${node.major}: mocha ended with status ${status}\n${end}`);
      assert.match(await readFile(totals, "utf8"), /^[1-9]\d{3,} 0 0\n$/);
    }
  });
});
