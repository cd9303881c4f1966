import assert from "node:assert/strict";
import {
  appendFile,
  copyFile,
  link,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { checkRepository, initRepository } from "../../src/repository/index.ts";
import { parsePointer } from "../../src/publish/layout.ts";
import { runTool } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

describe("checkRepository", () => {
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

  const toLink = async (file: string): Promise<void> => {
    await rename(file, `${file}.moved`);
    await symlink(`${path.basename(file)}.moved`, file);
  };
  const toFifo = async (file: string): Promise<void> => {
    await rm(file, { recursive: true, force: true });
    await runTool("mkfifo", file);
  };
  const toFile = async (file: string): Promise<void> => {
    await rm(file, { recursive: true, force: true });
    await writeFile(file, "");
  };
  const toFolder = async (file: string): Promise<void> => {
    await rm(file, { recursive: true, force: true });
    await mkdir(file);
  };
  const places: readonly (readonly [string, "file" | "folder"])[] = [
    [".virt-appliance", "folder"],
    [".virt-appliance/repository.json", "file"],
    [".virt-appliance/lock", "file"],
    [".virt-appliance/staging", "folder"],
    ["mirrorlist", "file"],
    ["demo.repo", "file"],
    ["RPM-GPG-KEY-demo", "file"],
    ["packages", "folder"],
    ["repodata", "folder"],
    ["repodata/repomd.xml", "file"],
    ["repodata/repomd.xml.asc", "file"],
    ["generations", "folder"],
    ["CURRENT", "folder"],
    ["CURRENT/repodata", "folder"],
    ["CURRENT/packages", "folder"],
  ];
  for (const [place, kind] of places) {
    it(`names what is there instead of the ${kind} ${place}`, async () => {
      const others = {
        "a symbolic link to": toLink,
        "a named pipe (FIFO), expected": toFifo,
        ...(kind === "file" ? { "a folder, expected": toFolder } : { "a file, expected": toFile }),
      };
      for (const [found, change] of Object.entries(others)) {
        const folder = await make();
        const current = path.relative(folder, await currentFolder(folder));
        const name = place.replace("CURRENT", current);
        await mkdir(path.join(folder, ".virt-appliance/staging"), { recursive: true });
        await change(path.join(folder, name));
        const check = checkRepository(folder, context);
        const problems = await check.then(
          (result) => (assert.equal(result.ok, false), result.problems),
          // Nothing is known of the repository then.
          (error: Error) => [error.message],
        );
        const isConfig = name === ".virt-appliance" || name.endsWith("repository.json");
        const expected = isConfig && change !== toLink ? "not a " : `${name}: ${found}`;
        assert.ok(
          problems.some((one) => one.includes(expected)),
          `${name}, ${found}: ${problems.join("\n")}`,
        );
        assert.equal(
          problems.filter((one) => one.startsWith(`${name}: ${found}`)).length,
          isConfig && change !== toLink ? 0 : 1,
        );
      }
    });
  }

  for (const [found, change] of Object.entries({
    "a symbolic link to first-1-1.noarch.rpm.moved, expected a file": toLink,
    "a named pipe (FIFO), expected a file": toFifo,
    "a folder, expected a file": toFolder,
    missing: (file: string) => rm(file),
  })) {
    it(`tells what a client gets instead of a package: ${found}`, async () => {
      const folder = await make();
      const current = await currentFolder(folder);
      await change(path.join(folder, "packages/first-1-1.noarch.rpm"));
      const name = path.relative(folder, path.join(current, "packages/first-1-1.noarch.rpm"));
      const { ok, problems } = await checkRepository(folder, context);
      assert.equal(ok, false);
      assert.deepEqual(problems, [`${name}: ${found}`]);
    });
  }

  it("names a lock that has a second name, and nothing in a sound repository", async () => {
    const folder = await make();
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
    await rm(path.join(folder, ".virt-appliance/lock"), { force: true });
    await rm(path.join(folder, ".virt-appliance/staging"), { recursive: true, force: true });
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
    await writeFile(path.join(folder, ".virt-appliance/lock"), "");
    await link(path.join(folder, ".virt-appliance/lock"), path.join(folder, "other"));
    assert.deepEqual((await checkRepository(folder, context)).problems, [
      ".virt-appliance/lock: has 2 names (hard links), expected one",
    ]);
  });
});
