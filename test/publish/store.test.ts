import assert from "node:assert/strict";
import { readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { openDirectoryStore, openMemoryStore, type Store } from "../../src/publish/index.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const isConflict = (error: unknown): boolean =>
  error instanceof ApplianceError && error.code === "PUBLISH_CONFLICT";
const text = async (store: Store, name: string): Promise<string | undefined> =>
  (await store.read(name))?.toString();

const kinds: Readonly<Record<string, (root: string) => Store>> = {
  directory: (root) => openDirectoryStore(root),
  memory: () => openMemoryStore(),
};

for (const [kind, open] of Object.entries(kinds)) {
  describe(`a ${kind} store`, () => {
    const folder = temporaryFolder({ per: "test" });
    let store: Store;
    beforeEach(async () => {
      store = open(path.join(folder, "root"));
    });

    it("has nothing to read or list in the beginning", async () => {
      assert.equal(await store.read("a/b"), undefined);
      assert.deepEqual(await store.list("a"), []);
    });

    it("keeps what is put under a name, and refuses another content", async () => {
      await store.put("a/b", Buffer.from("one"));
      await store.put("a/b", Buffer.from("one"));
      await assert.rejects(store.put("a/b", Buffer.from("two")), isConflict);
      assert.equal(await text(store, "a/b"), "one");
    });

    it("links a file to a second name, and refuses a name that is taken", async () => {
      await store.put("a/b", Buffer.from("one"));
      await store.put("a/c", Buffer.from("two"));
      await store.link("a/b", "x/y/z");
      await store.link("a/b", "x/y/z");
      await assert.rejects(store.link("a/c", "x/y/z"), isConflict);
      await store.remove("a");
      assert.equal(await text(store, "x/y/z"), "one");
      assert.deepEqual(await store.list("x"), ["y"]);
    });

    it("replaces a file that is switched", async () => {
      await store.switch("pointer", Buffer.from("one"));
      await store.switch("pointer", Buffer.from("two"));
      assert.equal(await text(store, "pointer"), "two");
    });

    it("removes folders with all in them, and what is not there", async () => {
      await store.put("a/b/c", Buffer.from("one"));
      await store.put("ab", Buffer.from("two"));
      await store.remove("a");
      await store.remove("a");
      assert.deepEqual(await store.list("a"), []);
      assert.equal(await text(store, "ab"), "two");
      await store.put("a/b/c", Buffer.from("again"));
      assert.equal(await text(store, "a/b/c"), "again");
    });

    it("stages a local file: size, digest, and something to read", async () => {
      const file = path.join(folder, "file");
      await writeFile(file, "content");
      const staged = await store.stage(file, {});
      assert.equal(staged.sizeBytes, 7);
      assert.equal(await readFile(staged.localPath, "utf8"), "content");
      await store.link(staged.path, "packages/x");
      assert.equal(await text(store, "packages/x"), "content");
    });

    it("stages no FIFO, and does not wait for one", async () => {
      const fifo = path.join(folder, "fifo");
      await testContext().run("mkfifo", [fifo]);
      await assert.rejects(store.stage(fifo, {}), /not a plain file/);
    });

    it("makes the same folder for many at once", async () => {
      const names = Array.from({ length: 40 }, (_, i) => `deep/er/${i}`);
      await Promise.all(names.map((name) => store.put(name, Buffer.from(name))));
      await store.flush();
      assert.equal((await store.list("deep/er")).length, 40);
    });

    it("returns size and digest of a file, and lists all files", async () => {
      await store.put("a/b", Buffer.from("one"));
      await store.put("c", Buffer.from("two"));
      assert.equal(await store.size("a/b"), 3);
      assert.equal(await store.size("a"), undefined);
      assert.equal(await store.size("a/x"), undefined);
      const { signal } = testContext();
      assert.equal(await store.digest("a/b", { signal }), digestOf(Buffer.from("one")));
      await assert.rejects(store.digest("a/x", { signal }), ApplianceError);
      const names = (await store.list("")).filter((name) => !name.startsWith("."));
      assert.deepEqual(names, ["a", "c"]);
    });

    it("finds a folder under a name that shares it", async () => {
      await store.put("all/x", Buffer.from("one"));
      assert.equal(await store.isShared("all", "one/all"), false);
      await store.share("all", "one/all");
      assert.equal(await store.isShared("all", "one/all"), true);
      assert.equal(await store.size("one/all/x"), 3);
      const places = [{ path: "one/all", kind: "folder", shares: "all" }] as const;
      assert.deepEqual(await store.examine(places), []);
    });

    it("is locked by one at a time", async () => {
      const how = { purpose: "a test", waitSeconds: 0 };
      {
        await using lock = await store.lock({ ...how, isNew: true }, testContext());
        assert.equal(lock.held, true);
        await assert.rejects(store.lock(how, testContext()), { code: "LIB_LOCKED" });
      }
      assert.deepEqual(await store.list(""), [".virt-appliance"].slice(kind === "memory" ? 1 : 0));
      await using again = await store.lock(how, testContext());
      assert.equal(again.held, true);
    });

    it("refuses names that leave it", async () => {
      for (const name of ["../x", "/etc/x", "a/../../x"]) {
        await assert.rejects(async () => store.put(name, Buffer.from("")), ApplianceError);
        await assert.rejects(async () => store.switch(name, Buffer.from("")), ApplianceError);
      }
    });
  });
}

describe("a directory store", () => {
  const folder = temporaryFolder({ per: "test" });
  it("gives every file and folder the modes that a web server needs, whatever the umask", async () => {
    const old = process.umask(0o077);
    try {
      const store = openDirectoryStore(path.join(folder, "root"));
      const file = path.join(folder, "file");
      await writeFile(file, "content");
      await store.put("a/b", Buffer.from("one"));
      await store.link((await store.stage(file, {})).path, "a/c");
      for (const [name, mode] of [
        ["a", 0o755],
        ["a/b", 0o644],
        ["a/c", 0o644],
      ] as const) {
        assert.equal((await stat(path.join(folder, "root", name))).mode & 0o777, mode, name);
      }
    } finally {
      process.umask(old);
    }
  });

  it("does not follow a link where it expects a folder", async () => {
    await symlink(os.tmpdir(), path.join(folder, "a"));
    const store = openDirectoryStore(folder);
    await assert.rejects(
      store.put("a/b", Buffer.from("one")),
      (error) => error instanceof ApplianceError && error.code === "LIB_UNSAFE_PATH",
    );
  });

  it("leaves nothing behind in its staging folder but what is staged", async () => {
    const store = openDirectoryStore(folder);
    await store.put("a/b", Buffer.from("one"));
    await store.switch("a/c", Buffer.from("one"));
    assert.deepEqual(await readdir(path.join(folder, ".virt-appliance", "staging")), []);
  });
});
