import assert from "node:assert/strict";
import { chmod, link, lstat, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { initRepository, listRepository, releaseRepo } from "../../src/repository/index.ts";
import { buildRpm } from "../../src/rpm/index.ts";
import { type Signer, signRpm } from "../../src/sign/index.ts";
import { packagePlan, stagedFile } from "../fixtures/package-plan.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { testContext } from "../support/context.ts";
import { namesIn, temporaryFolder } from "../support/temporary.ts";

/** More than is read into memory at once. */
const LARGE_BYTES = 5 * 1024 * 1024;

describe("packages that are moved into a repository", () => {
  const folder = temporaryFolder({ per: "test" });
  const sources = "removed";
  let signer: Signer;
  let repository: string;
  let file: string;
  let warnings: string[];
  let context: Context;

  beforeEach(async () => {
    warnings = [];
    const logger = { info: () => {}, debug: () => {}, warn: (text: string) => warnings.push(text) };
    context = testContext({ logger });
    ({ signer } = await testKey());
    repository = path.join(folder, "repository");
    const about = { name: "demo", baseUrl: "https://example.com/demo/", signer };
    await initRepository(repository, about, context);
    const out = path.join(folder, "out");
    await mkdir(out);
    await writeFile(path.join(folder, "disk"), "");
    await truncate(path.join(folder, "disk"), LARGE_BYTES);
    const plan = packagePlan({ name: "large", entries: [stagedFile("/srv/disk", "disk")] });
    const built = await buildRpm(plan, { stagingFolder: folder, outputFolder: out }, context);
    file = built.path;
    await signRpm(file, signer, context);
    await chmod(file, 0o644);
  });

  const inodeOf = async (name: string): Promise<number> => (await lstat(name)).ino;
  const published = (): string => path.join(repository, "packages", path.basename(file));
  const add = (request = {}): ReturnType<typeof releaseRepo> =>
    releaseRepo(repository, { add: [file], sources, ...request }, { signer }, context);

  it("are the same files, under a new name", async () => {
    const inode = await inodeOf(file);
    assert.deepEqual((await add()).added, ["large-1.0-1.noarch.rpm"]);
    assert.equal(await inodeOf(published()), inode);
    assert.deepEqual(await namesIn(path.dirname(file)), []);
    assert.equal((await lstat(published())).nlink, 1);
    assert.equal((await listRepository(repository)).packages.length, 1);
  });

  const copied: Readonly<Record<string, () => Promise<void>>> = {
    "has another name": () => link(file, path.join(folder, "other")),
    "has another mode": () => chmod(file, 0o664),
  };
  for (const [what, prepare] of Object.entries(copied)) {
    it(`are copied when a file ${what}`, async () => {
      await prepare();
      const inode = await inodeOf(file);
      await add();
      assert.notEqual(await inodeOf(published()), inode);
      assert.equal((await lstat(published())).mode & 0o777, 0o644);
      assert.deepEqual(await namesIn(path.dirname(file)), []);
    });
  }

  it("are copied when they are kept", async () => {
    await add({ sources: "kept" });
    assert.notEqual(await inodeOf(published()), await inodeOf(file));
  });

  it("are removed when the repository has them already", async () => {
    await add({ sources: "kept" });
    assert.deepEqual((await add()).unchanged, ["large-1.0-1.noarch.rpm"]);
    assert.deepEqual(await namesIn(path.dirname(file)), []);
  });

  it("are left alone when they are refused", async () => {
    const bytes = await readFile(file);
    bytes.writeUInt8(1, bytes.length - 1000);
    await writeFile(file, bytes);
    const inode = await inodeOf(file);
    await assert.rejects(add(), /no package was added/);
    assert.equal(await inodeOf(file), inode);
    assert.equal((await lstat(file)).nlink, 1);
    assert.deepEqual(await readFile(file), bytes);
  });

  it("are left alone in a dry run", async () => {
    await add({ dryRun: true });
    assert.equal((await lstat(file)).nlink, 1);
  });

  it("are never the repository's own files", async () => {
    await add();
    await add({ add: [published()] });
    assert.match(warnings.join("\n"), /is in the repository; not removed/);
    assert.equal((await lstat(published())).nlink, 1);
  });
});
