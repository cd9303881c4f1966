import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { checkEngine, readRpm, rpmFormats } from "../../src/rpm/index.ts";
import type { PackagePlan } from "../../src/package/index.ts";
import { signRpm } from "../../src/sign/index.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { PrivateRpm } from "../support/private-gpg.ts";
import { testContext } from "../support/context.ts";
import {
  buildInto,
  directory,
  packagePlan,
  stagedFile,
  symlink,
  textFile,
} from "../fixtures/package-plan.ts";
import { newFolderIn, temporaryFolder } from "../support/temporary.ts";

const staged = { disk: Buffer.alloc(100_000, "disk") };

function plan(overrides: Partial<PackagePlan> = {}): PackagePlan {
  return packagePlan({
    epoch: 2,
    arch: "x86_64",
    entries: [
      directory("/opt/a"),
      stagedFile("/opt/a/disk", "disk"),
      symlink("/opt/a/link", "disk"),
      textFile("/opt/a/text", "text\n"),
    ],
    ...overrides,
  });
}

const payloads = {
  none: { compressor: "none" },
  gzip: { compressor: "gzip", level: 6 },
  zstd: { compressor: "zstd", level: 3 },
} as const;

describe("a package in format 6", () => {
  const folder = temporaryFolder();

  for (const [name, payload] of Object.entries(payloads)) {
    it(`is what rpm 4 verifies and installs, payload ${name}`, async () => {
      const root = await newFolderIn(folder);
      const { path: file } = await buildInto(root, plan({ payload }), {
        staged,
        engine: { format: 6 },
      });
      const { run } = testContext();
      assert.match((await run("rpm", ["-K", file])).stdout, /: digests OK$/m);
      const target = path.join(root, "root");
      const rpm = ["--root", target, "--dbpath", "/var/lib/rpm"];
      await run("rpm", [...rpm, "--ignorearch", "-i", file]);
      assert.deepEqual(await readFile(path.join(target, "opt/a/disk")), staged.disk);
      assert.equal((await run("rpm", [...rpm, "-V", "example-appliance"])).stdout, "");
    });
  }

  it("has the tags that the format demands, and none of format 4 alone", async () => {
    const root = await newFolderIn(folder);
    const { path: file } = await buildInto(root, plan(), { staged, engine: { format: 6 } });
    const { lead, header, signature, headerStart } = await readRpm(file);
    assert.deepEqual([lead.major, lead.minor, headerStart], [4, 0, 4504]);
    const bytes = await readFile(file);
    assert.deepEqual([bytes.readUInt16BE(8), bytes.readUInt16BE(76)], [0, 0]);
    assert.deepEqual(
      signature.entries.map(({ tag }) => tag),
      [273, 279, 999],
    );
    assert.deepEqual(header.integers("RPMFORMAT"), [6]);
    assert.equal(header.string("SOURCENEVR"), "example-appliance-2:1.0-1");
    const payloadBytes = bytes.length - headerStart - header.raw.length;
    assert.deepEqual(header.integers("PAYLOADSIZE"), [payloadBytes]);
    assert.deepEqual(header.integers("PAYLOADSIZEALT"), [payloadBytes]);
    for (const tag of ["SIZE", "FILESIZES", "PAYLOADSHA256ALGO"] as const)
      assert.equal(header.has(tag), false, tag);
    const features = header.strings("REQUIRENAME").filter((one) => one.startsWith("rpmlib("));
    assert.deepEqual(features, ["rpmlib(LargeFiles)"]);
  });

  it("differs from format 4 in no file, scriptlet or relation", async () => {
    const told = await Promise.all(
      rpmFormats.map(async (format) => {
        const { path: file } = await buildInto(await newFolderIn(folder), plan(), {
          staged,
          engine: { format },
        });
        const args = ["-qp", "--dump", "--scripts", "--provides", "--obsoletes", "-i", file];
        const { stdout } = await testContext().run("rpm", args);
        return stdout;
      }),
    );
    assert.equal(told[0], told[1]);
  });

  it("is signed for rpm 4 too", async () => {
    const root = await newFolderIn(folder);
    const { path: file } = await buildInto(root, plan(), { staged, engine: { format: 6 } });
    const { signer, generated } = await testKey();
    const before = await readFile(file);
    await signRpm(file, signer, testContext());
    const after = await readFile(file);
    assert.ok(
      after.subarray(4504).equals(before.subarray(4504)),
      "only the signature header changes",
    );
    const rpm = new PrivateRpm(root);
    await rpm.import(generated.publicPath);
    const { ok, text } = await rpm.check(file);
    assert.ok(ok, text);
    assert.match(text, /: digests signatures OK\n$/);
  });

  it("is refused with an rpmbuild that cannot write it", async () => {
    const context = testContext({
      run: async () => ({ stdout: "RPM version 4.18.0\n", stderr: "", exitCode: 0 }),
    });
    await assert.rejects(
      checkEngine({ engine: "rpmbuild", format: 6 }, folder, context),
      /RPM version 4\.18\.0: rpmbuild before 6\.0 cannot write format 6/,
    );
    await checkEngine({ engine: "rpmbuild" }, folder, context);
  });
});
