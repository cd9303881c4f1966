import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { imageSamples } from "../fixtures/image-samples.ts";
import { HostTree, type InstalledAppliance, sha256 } from "../fixtures/host-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

const BASE = "web-appliance-1.0-1-system";
const [, whole] = imageSamples;
const ISSUE = /the content is .*, expected a qcow2 image that is complete, .*; remove the package/;

describe("reconcile, looking at what a base is", () => {
  let host: HostTree;
  const folder = temporaryFolder({ per: "test" });
  beforeEach(async () => {
    host = new HostTree(path.join(folder, "root"));
  });

  async function contentOf(make: (file: string) => Promise<unknown>): Promise<Buffer> {
    const file = path.join(folder, "sample");
    await make(file);
    return readFile(file);
  }

  function webOf(content: Uint8Array): InstalledAppliance {
    return { package: "web-appliance", versionRelease: "1.0-1", payload: { system: content } };
  }

  for (const { what, content, isWhole, make } of imageSamples) {
    const isFine = content === undefined || isWhole === true;
    it(`${isFine ? "takes" : "refuses"} ${what}`, async () => {
      await host.install(webOf(await contentOf(make)));
      const { exitCode, stderr } = await host.reconcile();
      if (isFine) {
        assert.deepEqual([exitCode, stderr], [0, ""]);
        assert.deepEqual(await readdir(host.base("")), [BASE]);
        return;
      }
      assert.equal(exitCode, 1);
      assert.match(stderr, ISSUE);
      assert.deepEqual(await readdir(host.base("")), []);
    });
  }

  it("refuses what a payload expands to, and leaves nothing of it", async () => {
    const evil = imageSamples.find(({ what }) => what === "a qcow2 on a file of the host");
    assert.ok(evil !== undefined);
    const content = await contentOf(evil.make);
    const zstd = execFileSync("zstd", ["-q", "-c"], { input: content });
    await host.install({
      ...webOf(content),
      payload: { "system.zst": zstd },
      lines: [["expand", "system.zst", BASE, content.length, sha256(content)].join("\t")],
    });
    const { exitCode, stderr } = await host.reconcile();
    assert.equal(exitCode, 1);
    assert.match(stderr, /qcow2 that rests on another file/);
    assert.deepEqual(await readdir(host.base("")), []);
  });

  it("reports a bad base that is already in the pool, on each run", async () => {
    assert.ok(whole !== undefined);
    const evil = await contentOf((file) => whole.make(file));
    const web = webOf(evil);
    await host.install(web);
    await host.reconcile();
    evil.write("\0\0\0\0\0\0\x02\0\0\0\0\x0b", 8, "latin1");
    await rm(host.base(BASE));
    await host.write(path.relative(host.root, host.base(BASE)), evil);
    for (let run = 0; run < 2; run += 1) {
      const { exitCode, stderr } = await host.reconcile();
      assert.equal(exitCode, 1);
      assert.match(stderr, ISSUE);
    }
  });
});
