import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { descriptorOf, noise, tar, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 2 ** 20;
const { run } = testContext();

function program(...args: readonly string[]): Promise<RunResult> {
  return runProgram(args, { acceptExitCodes: [1, 2] });
}

describe("build and inspect on the command line", () => {
  it(
    "compresses the payload as it is told, as rpm reads it, and takes no other word",
    withFolder(async (folder) => {
      const source = path.join(folder, "web");
      const files = { "root.raw": noise(MIB), README: "read me" };
      await writeAppliance(source, descriptorOf([{ file: "root.raw" }]), files);
      const unpacked: string[] = [];
      for (const [index, chosen] of [[], ["none"], ["gzip"], ["zstd"]].entries()) {
        const out = path.join(folder, String(index));
        const how = chosen.flatMap((word) => ["--payload-compression", word]);
        const { exitCode, stdout, stderr } = await program("build", source, "-o", out, ...how);
        assert.equal(exitCode, 0, stderr);
        const rpm = stdout.trim();
        const format = "%{PAYLOADCOMPRESSOR}";
        const asked = await run("rpm", ["-qp", "--nosignature", "--qf", format, rpm]);
        // A package without compression has no such tag.
        assert.equal(asked.stdout.replace("(none)", "none"), chosen[0] ?? "none");
        const checked = await run("rpm", ["-K", "--nosignature", rpm]);
        assert.match(checked.stdout, /digests OK/);
        const script = 'rpm2cpio "$1" | cpio -i --quiet --to-stdout "*/root.qcow2" | sha256sum';
        unpacked.push((await run("sh", ["-c", script, "sh", rpm])).stdout);
      }
      assert.equal(new Set(unpacked).size, 1, unpacked.join(""));
      assert.doesNotMatch(unpacked[0] ?? "", /^e3b0c442/, "an empty file");
      const { exitCode } = await program("build", source, "--payload-compression", "lzma");
      assert.equal(exitCode, 2);
    }),
  );

  it(
    "shows which disk is there only compressed, and which one in a tarball is bad",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), { "root.raw": noise(MIB) });
      await run("xz", ["-0", path.join(web, "root.raw")]);
      const archive = path.join(folder, "web.tar.gz");
      await tar("-C", folder, "-czf", archive, "web");
      for (const source of [web, archive]) {
        const { exitCode, stdout, stderr } = await program("inspect", source);
        assert.equal(exitCode, 0, stderr);
        assert.match(stdout, /^root\.raw +system +raw +unknown +as root\.raw\.xz$/m);
        const document: { disks: { standIn: string | null; fileSizeBytes: number | null }[] } =
          JSON.parse((await program("inspect", "--json", source)).stdout);
        assert.deepEqual(
          document.disks.map(({ standIn, fileSizeBytes }) => [standIn, fileSizeBytes]),
          [["root.raw.xz", null]],
        );
      }
      const descriptor = descriptorOf([{ file: "root.qcow2", format: "qcow2" }]);
      await writeAppliance(web, descriptor, { "root.qcow2": noise(MIB) });
      await tar("-C", web, "-czf", archive, "root.qcow2", "appliance.xml");
      const { exitCode, stdout } = await program("inspect", archive);
      assert.equal(exitCode, 1);
      assert.match(stdout, /^error: line \d+: root\.qcow2: .*\[image-format-mismatch\]$/m);
    }),
  );

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
