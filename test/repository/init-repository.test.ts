import assert from "node:assert/strict";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { checkRepository, initRepository, releaseRepo } from "../../src/repository/index.ts";
import { directoryEffects, type DirectoryEffects } from "../../src/publish/directory-effects.ts";
import { layout, openDirectoryStore, openStore } from "../../src/publish/index.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms } from "../fixtures/small-rpm.ts";
import { openFolder } from "../support/temporary.ts";

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
    await using temporary = await openFolder();
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
    // Its own settings would have replaced the other's.
    assert.deepEqual(await readdir(path.join(folder, layout.PRIVATE_FOLDER)), ["lock"]);
  });
});

describe("making a repository with any umask", () => {
  for (const umask of [0o000, 0o002, 0o077]) {
    it(`lets everybody read it, and only its owner change it: ${umask.toString(8)}`, async () => {
      await using temporary = await openFolder();
      const above = path.join(temporary.path, "above");
      const folder = path.join(above, "demo");
      const wanted = { name: "demo", baseUrl: "https://example.com/demo/", signer: undefined };
      const former = process.umask(umask);
      try {
        await initRepository(folder, wanted, testContext());
      } finally {
        process.umask(former);
      }
      const inside = await readdir(folder, { recursive: true });
      assert.ok(inside.includes(layout.PRIVATE_FOLDER));
      for (const one of [above, folder, ...inside.map((name) => path.join(folder, name))]) {
        const stats = await stat(one);
        const mode = (stats.mode & 0o777).toString(8);
        // The lock is no client's concern.
        if (one === path.join(folder, layout.LOCK)) assert.equal(stats.mode & 0o022, 0, one);
        else assert.equal(mode, stats.isDirectory() ? "755" : "644", one);
      }
    });
  }
});
