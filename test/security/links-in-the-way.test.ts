import assert from "node:assert/strict";
import {
  chown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ApplianceError } from "../../src/errors.ts";
import { takeLock } from "../../src/lib/lock.ts";
import { writeFileAtomically } from "../../src/lib/atomic.ts";
import { initRepository, releaseRepo } from "../../src/repository/index.ts";
import { runTool } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms } from "../fixtures/small-rpm.ts";
import { withFolder } from "../support/temporary.ts";

const src = fileURLToPath(new URL("../../src/", import.meta.url));
const VICTIM = "what we must not touch\n";

/** Returns everything below a folder: kind, and the content of files. */
async function picture(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const stats = await lstat(file);
      const mode = stats.mode.toString(8);
      return `${name} ${mode} ${stats.isFile() ? await readFile(file, "utf8") : ""}`;
    }),
  );
}

describe("what we write", () => {
  it("is opened so that it follows no link: O_EXCL for new files, lib/own-file.ts for others", async () => {
    const found: string[] = [];
    const names = await readdir(src, { recursive: true });
    for (const name of names.filter((one) => one.endsWith(".ts"))) {
      const text = await readFile(path.join(src, name), "utf8");
      const calls = text.matchAll(
        /(?:[\w.]*\b)(?:open|writeFile|appendFile|copyFile|createWriteStream)\((?:[^()]|\([^()]*\))*\)/g,
      );
      for (const [call] of calls) {
        // Methods of open files, and of what passes through lib/atomic.ts.
        if (/^(?:handle|[\w.]*effects)\./.test(call) || call.includes("target: string")) continue;
        const isOpen = call.slice(0, call.indexOf("(")).endsWith("open");
        const isFault = isOpen
          ? /"(?:w|a)[s+]*"/.test(call)
          : !/"wx\+?"|COPYFILE_EXCL|exclusive/.test(call);
        if (isFault) found.push(`${name}: ${call}`);
      }
    }
    assert.deepEqual(found, []);
  });

  it(
    "is never written through a temporary name that is taken",
    withFolder(async (folder) => {
      await writeFile(path.join(folder, "victim"), VICTIM);
      await symlink("victim", path.join(folder, "target"));
      await writeFileAtomically(path.join(folder, "target"), "new");
      assert.equal(await readFile(path.join(folder, "victim"), "utf8"), VICTIM);
      assert.equal(await readFile(path.join(folder, "target"), "utf8"), "new");
      assert.ok((await lstat(path.join(folder, "target"))).isFile());
    }),
  );
});

describe("a lock", () => {
  const traps: Readonly<Record<string, (file: string, victim: string) => Promise<unknown>>> = {
    "a link to a file": (file, victim) => symlink(victim, file),
    "a link to nowhere": (file) => symlink("nowhere", file),
    "a further name of a file": (file, victim) => link(victim, file),
    "a folder": (file) => mkdir(file),
    "a FIFO": (file) => runTool("mkfifo", file),
    "somebody else's": async (file) => {
      await writeFile(file, VICTIM);
      await chown(file, 12_345, 12_345);
    },
  };
  for (const [what, set] of Object.entries(traps)) {
    it(
      `is refused that is ${what}`,
      withFolder(async (folder) => {
        const victim = path.join(folder, "victim");
        await writeFile(victim, VICTIM);
        await set(path.join(folder, "lock"), victim);
        const before = await picture(folder);
        await assert.rejects(
          takeLock(path.join(folder, "lock"), { purpose: "test" }, testContext()),
          (error) =>
            error instanceof ApplianceError &&
            ["LIB_UNSAFE_PATH", "LIB_IO"].includes(error.code) &&
            error.message.includes("lock: "),
        );
        assert.deepEqual(await picture(folder), before);
      }),
    );
  }
});

describe("a repository in which links are in the way", () => {
  it("no command writes or removes anything through a link", async () => {
    const context = testContext();
    await using rpms = await openSmallRpms();
    const [first, second] = [await rpms.make("first"), await rpms.make("second")];
    const { signer } = await testKey();
    const base = path.join(rpms.folder, "base");
    const settings = { name: "demo", baseUrl: "http://localhost/x", signer };
    const retention = { graceSeconds: 0, generations: 1 };
    await initRepository(base, { ...settings, retention, packages: [first] }, context);
    const added = path.join(rpms.folder, "added");
    await context.run("cp", ["-a", base, added]);
    await releaseRepo(added, { add: [second] }, { signer }, context);
    const names = [base, added].map((one) => readdir(one, { recursive: true }));
    const places = [
      ...new Set((await Promise.all(names)).flat()),
      ".virt-appliance/staging",
    ].sort();
    assert.ok(places.length > 20, `${places.length} places`);
    const outside = path.join(rpms.folder, "outside");
    for (const place of places) {
      for (const kind of ["file", "folder", "moved"] as const) {
        const folder = path.join(rpms.folder, "victim");
        await Promise.all(
          [folder, outside].map((one) => rm(one, { recursive: true, force: true })),
        );
        await context.run("cp", ["-a", base, folder]);
        await mkdir(path.join(outside, "kept"), { recursive: true });
        await writeFile(path.join(outside, "file"), VICTIM);
        await writeFile(path.join(outside, "kept", "file"), VICTIM);
        const at = path.join(folder, place);
        // Links in place of what is there: to something foreign, and to the very thing, moved elsewhere.
        const moved = path.join(outside, "moved");
        const isThere = await lstat(at).catch(() => undefined);
        if (kind === "moved" && isThere === undefined) continue;
        if (kind === "moved") await rename(at, moved);
        await rm(at, { recursive: true, force: true });
        await mkdir(path.dirname(at), { recursive: true });
        await symlink(
          kind === "moved" ? moved : path.join(outside, kind === "file" ? "file" : "kept"),
          at,
        );
        const before = await picture(outside);
        await releaseRepo(folder, { add: [second] }, { signer, lockWaitSeconds: 0 }, context).catch(
          (error: unknown) =>
            assert.ok(error instanceof ApplianceError, `${place}: ${String(error)}`),
        );
        assert.deepEqual(await picture(outside), before, `${kind} at ${place}`);
      }
    }
  });
});
