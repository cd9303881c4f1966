import assert from "node:assert/strict";
import {
  applyPublish,
  openMemoryStore,
  planPublish,
  type PublishRequest,
  readPublishState,
  type Store,
} from "../../src/publish/index.ts";

const HOUR = 3600;
const start = Date.parse("2026-01-02T03:04:05Z");
const at = (hours: number): Date => new Date(start + hours * HOUR * 1000);

function request(text: string, hours: number, more: Partial<PublishRequest> = {}): PublishRequest {
  return {
    baseUrl: "https://example.com/x",
    repodata: new Map([["repodata/repomd.xml", Buffer.from(`repomd ${text}`)]]),
    packages: text.split(" ").length,
    removed: [],
    staged: new Map(),
    rootFiles: new Map(),
    created: at(hours),
    retention: { graceSeconds: 10 * HOUR, generations: 2 },
    ...more,
  };
}

async function publish(store: Store, wanted: PublishRequest): Promise<void> {
  for (const [to, from] of wanted.staged) await store.put(from, Buffer.from(`content of ${to}`));
  await applyPublish(planPublish(await readPublishState(store, []), wanted), store);
}

/** Two generations as versions before 0.2 made them: each with its own links to its packages. */
function oldRepository(): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const put = (path: string, text: string): void => void files.set(path, Buffer.from(text));
  const generation = (id: string, hours: number, packages: string, retained: object): void => {
    for (const name of packages.split(" ")) {
      put(`packages/${name}`, `content of packages/${name}`);
      put(`generations/${id}/packages/${name}`, `content of packages/${name}`);
    }
    put(`generations/${id}/repodata/repomd.xml`, `repomd ${id}`);
    const record = { schema: 1, created: at(hours).toISOString(), previous: null, retained };
    put(`generations/${id}/generation.json`, JSON.stringify(record));
  };
  generation("1-0000000000000001", 0, "a b c", {});
  const since = at(1).toISOString();
  generation("2-0000000000000002", 1, "b c d", { "packages/b": since });
  put("mirrorlist", "https://example.com/x/generations/2-0000000000000002/\n");
  put("packages/never", "that nobody was told of");
  return files;
}

describe("a repository in which each generation has links of its own", () => {
  it("goes on with one folder of packages, and forgets nothing that clients may ask for", async () => {
    const files = oldRepository();
    const store = openMemoryStore(files);
    const staged = new Map([["packages/e", ".virt-appliance/staging/e"]]);
    await publish(store, request("d e", 2, { staged, removed: ["packages/c"] }));
    const [, , third = ""] = await store.list("generations");
    assert.equal(third.split("-")[0], "3");
    const record = JSON.parse(String(files.get(`generations/${third}/generation.json`)));
    // b was given up before, c is now; a is named by the oldest generation only.
    assert.deepEqual(
      Object.keys(record.retained)
        .filter((one) => one.startsWith("p"))
        .sort(),
      ["packages/a", "packages/b", "packages/c"],
    );
    assert.deepEqual(await store.list(`generations/${third}/packages`), ["a", "b", "c", "d", "e"]);
    // The old ones stay as they were.
    assert.ok(files.has("generations/1-0000000000000001/packages/a"));
    assert.ok(files.has("generations/2-0000000000000002/packages/b"));
  });

  it("loses what the old generations alone had when they are gone", async () => {
    const files = oldRepository();
    const store = openMemoryStore(files);
    await publish(store, request("d", 2, { removed: ["packages/c"] }));
    await publish(store, request("d x", 30));
    await publish(store, request("d y", 50));
    assert.deepEqual(await store.list("packages"), ["d"]);
    assert.deepEqual(
      (await store.list("generations")).map((one) => one.split("-")[0]),
      ["4", "5"],
    );
  });

  it("removes what an interrupted older version left", async () => {
    const files = oldRepository();
    files.set("packages/z", Buffer.from("z"));
    files.set("generations/3-0000000000000003/packages/z", Buffer.from("z"));
    const store = openMemoryStore(files);
    await publish(store, request("c d x", 2));
    assert.deepEqual(await store.list("packages"), ["a", "b", "c", "d"]);
    const ids = (await store.list("generations")).map((one) => one.split("-")[0]);
    assert.deepEqual(ids, ["1", "2", "3"]);
  });
});

describe("a package that was removed", () => {
  const retention = { graceSeconds: 0, generations: 3 };

  it("stays while a generation that is kept names it, however long ago that was", async () => {
    const store = openMemoryStore();
    const staged = (name: string): Partial<PublishRequest> => ({
      staged: new Map([[`packages/${name}`, `.virt-appliance/staging/${name}`]]),
      retention,
    });
    await publish(store, request("a", 0, staged("a")));
    await publish(store, request("b", 100, { ...staged("b"), removed: ["packages/a"] }));
    await publish(store, request("b c", 200, staged("c")));
    assert.deepEqual(await store.list("packages"), ["a", "b", "c"]);
    await publish(store, request("b c d", 300, staged("d")));
    assert.deepEqual(await store.list("packages"), ["b", "c", "d"]);
  });

  it("stays when it is published again before it is gone", async () => {
    const store = openMemoryStore();
    const add = new Map([["packages/a", ".virt-appliance/staging/a"]]);
    await publish(store, request("a", 0, { staged: add, retention }));
    await publish(store, request("none", 1, { removed: ["packages/a"], retention }));
    await publish(store, request("a again", 2, { staged: add, retention }));
    for (const hours of [3, 4, 5, 6])
      await publish(store, request(`a ${hours}`, hours, { retention }));
    assert.deepEqual(await store.list("packages"), ["a"]);
  });

  it("stays when a second attempt to publish it is interrupted", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    const add = new Map([["packages/a", ".virt-appliance/staging/a"]]);
    await publish(store, request("a", 0, { staged: add }));
    await publish(store, request("none", 1, { removed: ["packages/a"] }));
    const added = JSON.stringify({ schema: 1, packages: ["packages/a"] });
    files.set("generations/3-0000000000000003/added.json", Buffer.from(added));
    await publish(store, request("still none", 2));
    assert.deepEqual(await store.list("packages"), ["a"]);
  });

  it("is not taken for one that a half removed generation came with", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    const add = new Map([["packages/a", ".virt-appliance/staging/a"]]);
    await publish(store, request("a", 0, { staged: add }));
    await publish(store, request("a x", 1));
    const [first = ""] = await store.list("generations");
    files.delete(`generations/${first}/generation.json`);
    await publish(store, request("a y", 2));
    assert.deepEqual(await store.list("packages"), ["a"]);
  });
});

describe("a record of a generation", () => {
  it("names nothing outside of packages/ and repodata/ that would be removed", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    await publish(store, request("a", 0));
    files.set("mine", Buffer.from("mine"));
    const [id = ""] = await store.list("generations");
    const path = `generations/${id}/generation.json`;
    const record = JSON.parse(String(files.get(path)));
    const dropped = [
      "mine",
      "packages/../mine",
      "packages",
      "packages/",
      "/mine",
      7,
      "packages/.x",
    ];
    files.set(path, Buffer.from(JSON.stringify({ ...record, dropped })));
    const state = await readPublishState(store, []);
    assert.deepEqual(state.generations[0]?.dropped, []);
  });
});
