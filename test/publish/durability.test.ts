import assert from "node:assert/strict";
import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeRun, type Run } from "../../src/lib/exec.ts";
import { directoryEffects, type DirectoryEffects } from "../../src/publish/directory-effects.ts";
import {
  applyPublish,
  openDirectoryStore,
  openMemoryStore,
  planPublish,
  readPublishState,
} from "../../src/publish/index.ts";
import { withFolder } from "../support/temporary.ts";

/** Writes down what is done, with paths below the folder. */
function recordingEffects(folder: string, log: string[]): DirectoryEffects {
  const note = (text: string, ...paths: string[]): void =>
    void log.push([text, ...paths.map((one) => path.relative(folder, one) || ".")].join(" "));
  const real = directoryEffects;
  return {
    makeFolder: async (one) => (note("mkdir", one), real.makeFolder(one)),
    writeNew: async (file, content, options) => {
      note(`write-${options?.sync ?? "now"}`, file);
      await real.writeNew(file, content, options);
    },
    copyNew: async (from, to, options) => (note("copy", to), real.copyNew(from, to, options)),
    syncFiles: async (files, run) => (note("sync-files", ...files), real.syncFiles(files, run)),
    link: async (from, to) => (note("link", from, to), real.link(from, to)),
    symlink: async (text, at) => (note("symlink", at), real.symlink(text, at)),
    rename: async (from, to) => (note("rename", from, to), real.rename(from, to)),
    remove: async (one) => (note("remove", one), real.remove(one)),
    syncFolder: async (one) => (note("sync-folder", one), real.syncFolder(one)),
  };
}

/** Counts how often files are synced while something is done. */
async function countSyncs(folder: string, work: () => Promise<unknown>): Promise<number> {
  const probe = await open(folder, "r");
  const prototype = Object.getPrototypeOf(probe) as { sync: () => Promise<void> };
  await probe.close();
  const { sync } = prototype;
  let count = 0;
  prototype.sync = async function counted(this: unknown): Promise<void> {
    count += 1;
    await sync.call(this);
  };
  try {
    await work();
  } finally {
    prototype.sync = sync;
  }
  return count;
}

describe("a publish in a directory", () => {
  it(
    "makes everything durable before clients are told, and the telling too",
    withFolder(async (folder) => {
      const log: string[] = [];
      const root = path.join(folder, "root");
      const store = openDirectoryStore(root, recordingEffects(root, log));
      await writeFile(path.join(folder, "copied"), "copied");
      const copied = await store.stage(path.join(folder, "copied"), {});
      const held = await store.stageContent(Buffer.from("held"), "held");
      const plan = planPublish(await readPublishState(store, []), {
        baseUrl: "https://example.com/x",
        repodata: new Map([
          ["repodata/repomd.xml", Buffer.from("repomd")],
          ["repodata/repomd.xml.asc", Buffer.from("signature")],
          ["repodata/primary.xml.gz", Buffer.from("primary")],
        ]),
        packages: 2,
        removed: [],
        staged: new Map([
          ["packages/copied", copied.path],
          ["packages/held", held.path],
        ]),
        rootFiles: new Map([["demo.repo", Buffer.from("[demo]")]]),
        created: new Date("2026-01-02T03:04:05Z"),
        retention: { graceSeconds: 10, generations: 2 },
      });
      await applyPublish(plan, store);
      const at = (pattern: RegExp): number => log.findIndex((line) => pattern.test(line));
      const told = at(/^rename \S+ mirrorlist$/);
      assert.ok(told > 0, log.join("\n"));
      // Packages have their content before they have their names.
      for (const { path: staged } of [copied, held]) {
        const synced = log.findIndex((one) => one.startsWith("sync-files") && one.includes(staged));
        const linked = log.findIndex((one) => one.startsWith(`link ${staged} packages/`));
        assert.ok(synced !== -1 && synced < linked, staged);
      }
      // So is everything in a generation, before the pointer names it.
      const put = log.slice(0, told).flatMap((line) => {
        const [what, , to = ""] = line.split(" ");
        return what === "link" && to.startsWith("generations/") ? [to] : [];
      });
      assert.equal(put.length, 5);
      for (const file of put) {
        const made = log.findIndex((line) => line.endsWith(` ${file}`));
        const synced = log.findIndex(
          (line) => line.startsWith("sync-files") && line.split(" ").includes(file),
        );
        assert.ok(made < synced && synced < told, file);
      }
      // Every name is in a folder that is synced after the name was made, and before the pointer names the generation.
      for (const [n, line] of log.slice(0, told).entries()) {
        const [what, ...paths] = line.split(" ");
        if (!["mkdir", "link", "symlink", "rename"].includes(what ?? "")) continue;
        const made = paths.at(-1) ?? "";
        if (made === "." || made.startsWith(".virt-appliance")) continue;
        const synced = log.indexOf(`sync-folder ${path.dirname(made)}`, n);
        assert.ok(synced !== -1 && synced < told, `${line}\n${log.join("\n")}`);
      }
      // All that is switched is written, and synced, before the first of it is.
      for (const file of ["mirrorlist", "repodata/repomd.xml", "repodata/repomd.xml.asc"]) {
        const renamed = log.find((line) => line.startsWith("rename") && line.endsWith(` ${file}`));
        const temporary = renamed?.split(" ")[1] ?? "";
        assert.ok(log.lastIndexOf(`write-now ${temporary}`, told) !== -1, file);
      }
      for (const one of [".", "repodata"]) {
        assert.ok(log.indexOf(`sync-folder ${one}`, told) !== -1, `${one} after the switch`);
      }
    }),
  );

  it(
    "has a package's content on the disk before its name also where there are no hard links",
    withFolder(async (folder) => {
      const log: string[] = [];
      const root = path.join(folder, "root");
      const refused = Object.assign(new Error("EPERM"), { code: "EPERM" });
      const effects = { ...recordingEffects(root, log), link: () => Promise.reject(refused) };
      const store = openDirectoryStore(root, effects);
      const { path: staged } = await store.stageContent(Buffer.from("content"), "one.rpm");
      await store.link(staged, "packages/one.rpm");
      const named = log.findIndex((line) => /^rename \S+ packages\/one\.rpm$/.test(line));
      const copy = log[named]?.split(" ")[1] ?? "";
      const order = [`copy ${copy}`, `sync-files ${copy}`].map((line) => log.indexOf(line));
      assert.deepEqual(order, [named - 2, named - 1], log.join("\n"));
      await store.flush();
      assert.ok(log.indexOf("sync-folder packages", named) !== -1, log.join("\n"));
    }),
  );

  it(
    "syncs what it writes, unless that is left for later",
    withFolder(async (folder) => {
      const file = (name: string): string => path.join(folder, name);
      const effects = directoryEffects;
      const content = Buffer.from("x");
      assert.equal(await countSyncs(folder, () => effects.writeNew(file("a"), content)), 1);
      const later = (): Promise<void> => effects.writeNew(file("b"), content, { sync: "later" });
      assert.equal(await countSyncs(folder, later), 0);
      const both = (): Promise<void> => effects.syncFiles([file("a"), file("b")], undefined);
      assert.equal(await countSyncs(folder, both), 2);
      assert.equal(await countSyncs(folder, () => effects.syncFolder(folder)), 1);
    }),
  );

  it(
    "syncs many files by one request to their file system",
    withFolder(async (folder) => {
      const files = Array.from({ length: 20 }, (_, n) => path.join(folder, String(n)));
      for (const file of files) await writeFile(file, "x");
      const calls: string[] = [];
      const real = makeRun(process.env["PATH"] ?? "", new AbortController().signal);
      const run: Run = (program, args, options) => {
        const how = options?.ignoresInterrupt === true ? "to the end" : "until interrupted";
        calls.push([program, ...args, how].join(" "));
        return real(program, args, options);
      };
      await directoryEffects.syncFiles(files, run);
      assert.deepEqual(calls, [`sync --file-system ${files[0]} to the end`]);
    }),
  );
});

describe("the state of a repository", () => {
  it("is damaged when the pointer names a generation that is not there", async () => {
    const files = new Map([
      ["mirrorlist", Buffer.from("https://x/generations/1-0123456789abcdef/\n")],
    ]);
    await assert.rejects(readPublishState(openMemoryStore(files), []), { code: "REPO_DAMAGED" });
  });
});
