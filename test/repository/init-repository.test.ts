import assert from "node:assert/strict";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import { checkRepository, initRepository, releaseRepo } from "../../src/repository/index.ts";
import { directoryEffects, type DirectoryEffects } from "../../src/publish/directory-effects.ts";
import { layout, openDirectoryStore, openStore } from "../../src/publish/index.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../support/signing-key.ts";
import { openSmallRpms } from "../support/small-rpm.ts";

/** Effects on a disk that is full from the nth change on: what is there can only be removed. */
function fullAfter(n: number): DirectoryEffects {
  let count = 0;
  const room = (): void => {
    count += 1;
    if (count >= n) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  };
  return {
    ...directoryEffects,
    makeFolder: async (folder) => {
      room();
      await directoryEffects.makeFolder(folder);
    },
    writeNew: async (file, content) => {
      room();
      await directoryEffects.writeNew(file, content);
    },
    copyNew: async (from, to, options) => {
      room();
      return directoryEffects.copyNew(from, to, options);
    },
    link: async (from, to) => {
      room();
      await directoryEffects.link(from, to);
    },
  };
}

/** Returns the names in a folder; undefined when there is none. */
async function lookInto(folder: string): Promise<string[] | undefined> {
  return readdir(folder).catch(() => undefined);
}

describe("making a repository on a full disk", () => {
  const context = testContext();

  for (const [what, isNew] of [
    ["a new folder is gone, with those above it", true],
    ["an empty folder is empty", false],
  ] as const) {
    it(`fails, and ${what}, at every instant before clients see it`, async () => {
      await using rpms = await openSmallRpms();
      const { signer } = await testKey();
      const wanted = {
        name: "demo",
        baseUrl: "https://example.com/demo/",
        signer,
        packages: [await rpms.make("first")],
      };
      const top = path.join(rpms.folder, "top");
      const folder = path.join(top, "repository");
      let failures = 0;
      for (let isMade = false; !isMade;) {
        if (!isNew) await mkdir(folder, { recursive: true });
        const store = openDirectoryStore(folder, fullAfter(failures + 1));
        const outcome = await initRepository(folder, wanted, context, { store }).catch(
          (error: unknown) => error,
        );
        const place = `full at change ${failures + 1}`;
        isMade = !(outcome instanceof Error);
        if ((await lookInto(folder))?.includes("mirrorlist") === true) {
          // What is not done yet, the next release does.
          await releaseRepo(folder, {}, { signer }, context);
          assert.deepEqual((await checkRepository(folder, context)).problems, [], place);
        } else {
          assert.ok(outcome instanceof ApplianceError, place);
          assert.equal(outcome.code, "LIB_NO_SPACE", place);
          assert.deepEqual(await lookInto(isNew ? top : folder), isNew ? undefined : [], place);
        }
        failures += isMade ? 0 : 1;
        await rm(top, { recursive: true, force: true });
      }
      assert.ok(failures > 10, String(failures));
    });
  }
});

describe("making a repository in a folder in which another process is making one", () => {
  it("waits until that ends, and then leaves its repository alone", async () => {
    await using temporary = await openTemporaryFolder(os.tmpdir());
    const folder = path.join(temporary.path, "demo");
    const wanted = { name: "demo", baseUrl: "https://example.com/demo/" };
    await mkdir(folder);
    let say: (what: string) => void = () => {};
    const first = new Promise<string>((resolve) => (say = resolve));
    const context = testContext({
      logger: { info: say, warn: () => {}, debug: () => {} },
    });
    let done: Promise<unknown> = Promise.resolve();
    {
      await using _lock = await openStore(folder).lock({ purpose: "repo init" }, testContext());
      done = initRepository(folder, { ...wanted, signer: undefined }, context);
      done.then(
        () => say("ended without the lock"),
        (error: unknown) => say(`failed without the lock: ${String(error)}`),
      );
      assert.match(await first, /^waiting for process \d+ on .* \(repo init\)$/);
      assert.deepEqual(await readdir(folder), [layout.PRIVATE_FOLDER]);
      await writeFile(path.join(folder, layout.POINTER), "of the other\n");
    }
    await assert.rejects(done, (error) => error instanceof ApplianceError);
    const left = [layout.PRIVATE_FOLDER, layout.POINTER];
    assert.deepEqual((await readdir(folder)).sort(), left.sort());
    // Settings of its own would have taken the place of the other's.
    assert.deepEqual(await readdir(path.join(folder, layout.PRIVATE_FOLDER)), ["lock"]);
  });
});
