import assert from "node:assert/strict";
import { appendFile, copyFile, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { checkRepository, initRepository } from "../../src/repository/index.ts";
import { parsePointer } from "../../src/publish/layout.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../support/signing-key.ts";
import { openSmallRpms } from "../support/small-rpm.ts";
import type { SmallRpms } from "../support/small-rpm.ts";

describe("checkRepository", function () {
  this.timeout(120_000);
  const context = testContext();
  let rpms: SmallRpms;
  let first: string;
  let count = 0;

  before(async () => {
    rpms = await openSmallRpms();
    first = await rpms.make("first");
  });
  after(() => rpms[Symbol.asyncDispose]());

  async function make(): Promise<string> {
    count += 1;
    const folder = path.join(rpms.folder, `repository-${count}`);
    const { signer } = await testKey();
    const settings = { name: "demo", baseUrl: "https://example.com/demo/", signer };
    await initRepository(folder, { ...settings, packages: [first] }, context);
    return folder;
  }
  async function currentFolder(folder: string): Promise<string> {
    const pointer = parsePointer(await readFile(path.join(folder, "mirrorlist"), "utf8"));
    return path.join(folder, "generations", pointer ?? "");
  }

  it("finds whatever a client would stumble over", async () => {
    const spoil: Readonly<Record<string, (folder: string, current: string) => Promise<unknown>>> = {
      "mirrorlist: missing|no mirrorlist": (folder) =>
        writeFile(path.join(folder, "mirrorlist"), ""),
      "repomd.xml.asc": (_, current) => appendFile(path.join(current, "repodata/repomd.xml"), " "),
      "bytes, expected": (_, current) =>
        appendFile(path.join(current, "packages/first-1-1.noarch.rpm"), "x"),
      "sha256 is": async (_, current) => {
        const file = path.join(current, "packages/first-1-1.noarch.rpm");
        await copyFile(file, `${file}.copy`);
        const content = await readFile(file);
        content.writeUInt8(255, content.length - 1);
        await writeFile(file, content);
      },
      "demo.repo: missing": (folder) => rm(path.join(folder, "demo.repo")),
      "differs from the current": (folder) =>
        appendFile(path.join(folder, "repodata/repomd.xml"), " "),
    };
    for (const [expected, change] of Object.entries(spoil)) {
      const folder = await make();
      await change(folder, await currentFolder(folder));
      const result = await checkRepository(folder, context);
      assert.equal(result.ok, false, expected);
      if (!expected.startsWith("mirrorlist")) {
        assert.ok(
          result.problems.some((one) => one.includes(expected)),
          `${expected}: ${result.problems.join()}`,
        );
      }
    }
  });
});
