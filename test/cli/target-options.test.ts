import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { targets } from "../../src/sign/index.ts";
import { keyRules } from "../../src/sign/key-reach.ts";
import { targetRules } from "../../src/sign/targets/target-rules.ts";
import { descriptorOf, noise, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const accept = { acceptExitCodes: [1, 2, 3] };

describe("--for", () => {
  it(
    "tells with verify which systems cannot install a package, and fails for them",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), { "root.raw": noise(4096) });
      const version = ["--appliance-version", "1^git5"];
      const built = await runProgram(["build", web, "-o", folder, ...version]);
      const rpm = built.stdout.trim();
      const args = ["verify", "--allow-unsigned", rpm, "--for"];
      const bad = await runProgram([...args, "el9,rpm6,el8"], accept);
      assert.equal(bad.exitCode, 3);
      assert.match(
        bad.stdout,
        /^ {2}for el8: cannot be installed\n {4}has the version 1\^git5, .* {2}\[caret\]$/m,
      );
      assert.match(bad.stdout, /^ {2}for el9: ok$/m);
      assert.match(
        bad.stdout,
        /^ {2}for rpm6: cannot be installed\n {4}is not signed {2}\[not-signed\]$/m,
      );
      assert.equal((await runProgram([...args, "el9"], accept)).exitCode, 0);
      const json = await runProgram([...args, "el8", "--json"], accept);
      const [document] = JSON.parse(json.stdout) as [{ ok: boolean; targets: unknown }];
      assert.equal(document.ok, true);
      const message = "has the version 1^git5, and rpm before 4.15 does not know the caret";
      const reasons = [{ code: "caret", message }];
      assert.deepEqual(document.targets, [{ target: "el8", ok: false, reasons, notes: [] }]);
    }),
  );

  it(
    "refuses with build what a system cannot install, and leaves nothing",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      const out = path.join(folder, "out");
      await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), { "root.raw": noise(4096) });
      const { folder: keys } = await testKey();
      const build = ["build", web, "-o", out, "--sign", "test", "--keys", keys];
      const args = [...build, "--appliance-version", "1^git5", "--for", "el8,el9,sle15"];
      const { exitCode, stderr } = await runProgram(args, accept);
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        /web-appliance-1\^git5-1\.x86_64\.rpm: cannot be installed on el8, sle15/,
      );
      assert.match(stderr, /el8: has the version 1\^git5, .* \[caret\]/);
      assert.match(stderr, /\[RPM_TARGET\]/);
      assert.deepEqual(await namesIn(folder), ["web"]);
      const all = Object.keys(targets).join(",");
      assert.equal((await runProgram([...build, "--for", all], accept)).exitCode, 0);
    }),
  );

  it("takes the names of systems only", async () => {
    const { exitCode, stderr } = await runProgram(
      ["verify", "x.rpm", "--for", "el8,rhel,"],
      accept,
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, /--for: "rhel", "", expected some of el8, el9, /);
  });

  it("has every system and every reason in docs/targets.md", async () => {
    const page = await readFile(path.join(import.meta.dirname, "../../docs/targets.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([^`]+)` \| (.*?) \|/gm)].map((row) => row.slice(1));
    const systems = Object.entries(targets).map(([name, { called, rpm }]) => [
      name,
      rpm === undefined ? called : `${called}: rpm ${rpm.join(".")}`,
    ]);
    const packages = Object.entries(targetRules).map(([code, rule]) => [
      code,
      rule.targets.join(", "),
    ]);
    const keys = keyRules.map(({ code, targets: of }) => [
      code,
      of.length === 0 ? "none" : of.join(", "),
    ]);
    assert.deepEqual(rows, [...systems, ...packages, ...keys]);
  });
});
