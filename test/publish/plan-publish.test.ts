import assert from "node:assert/strict";
import {
  applyPublish,
  openMemoryStore,
  planPublish,
  type PublishPlan,
  type PublishRequest,
  type PublishStep,
  readPublishState,
  type Store,
} from "../../src/publish/index.ts";
import { assertGolden } from "../support/golden.ts";

const HOUR = 3600;
const start = new Date("2026-01-02T03:04:05Z");

/** A request with these packages; metadata is stood in for by a text. */
function request(
  packages: readonly string[],
  options: { hours?: number; add?: readonly string[]; remove?: readonly string[] } = {},
): PublishRequest {
  const text = packages.join(" ");
  return {
    baseUrl: "https://example.com/x",
    repodata: new Map([
      [`repodata/${text.replaceAll(" ", "-")}-primary.xml.gz`, Buffer.from(`primary ${text}`)],
      ["repodata/repomd.xml", Buffer.from(`repomd ${text}`)],
      ["repodata/repomd.xml.asc", Buffer.from(`signature ${text}`)],
    ]),
    packages: packages.length,
    removed: (options.remove ?? []).map((name) => `packages/${name}`),
    staged: new Map(
      (options.add ?? []).map((name) => [`packages/${name}`, `.virt-appliance/staging/${name}`]),
    ),
    rootFiles: new Map([["demo.repo", Buffer.from("[demo]")]]),
    created: new Date(start.getTime() + (options.hours ?? 0) * HOUR * 1000),
    retention: { graceSeconds: 10 * HOUR, generations: 2 },
  };
}

async function publish(store: Store, wanted: PublishRequest): Promise<PublishPlan> {
  for (const [to, from] of wanted.staged) await store.put(from, Buffer.from(`content of ${to}`));
  const plan = planPublish(await readPublishState(store, ["demo.repo"]), wanted);
  await applyPublish(plan, store);
  return plan;
}

function lineOf(step: PublishStep): string {
  if (step.kind === "flush") return "flush";
  if (step.kind === "switch-all") return `switch ${step.files.map((one) => one.path).join(", ")}`;
  return "from" in step ? `${step.kind} ${step.from} -> ${step.to}` : `${step.kind} ${step.path}`;
}

async function generations(store: Store): Promise<string[]> {
  return (await store.list("generations")).map((id) => id.split("-")[0] ?? "");
}

describe("planPublish", () => {
  it("creates everything that a generation needs before it switches the pointer, and the rest afterwards", async () => {
    const store = openMemoryStore();
    const first = await publish(store, request(["a"], { add: ["a"] }));
    const second = await publish(store, request(["b"], { add: ["b"], remove: ["a"], hours: 1 }));
    const third = await publish(store, request(["b", "c"], { add: ["c"], hours: 20 }));
    const texts = [first, second, third].map((plan) => plan.steps.map(lineOf).join("\n"));
    await assertGolden("publish/steps.txt", `${texts.join("\n\n")}\n`);
  });

  it("has nothing to do for a repository that is as it shall be", async () => {
    const store = openMemoryStore();
    await publish(store, request(["a"], { add: ["a"] }));
    const plan = await publish(store, request(["a"], { hours: 1 }));
    assert.equal(plan.changed, false);
    const changes = plan.steps.filter((step) => step.kind !== "flush" && step.kind !== "remove");
    assert.deepEqual(changes, []);
  });

  it("keeps what was removed below the newest generation for the grace time", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    await publish(store, request(["a", "b"], { add: ["a", "b"] }));
    const holds = async (plan: PublishPlan): Promise<string[]> => [
      ...(await store.list(`generations/${plan.generation}/packages`)),
    ];
    assert.deepEqual(
      await holds(await publish(store, request(["b"], { remove: ["a"], hours: 1 }))),
      ["a", "b"],
    );
    const third = await publish(store, request(["b", "c"], { add: ["c"], hours: 9 }));
    assert.deepEqual(await holds(third), ["a", "b", "c"]);
    assert.ok(files.has(`generations/${third.generation}/repodata/a-b-primary.xml.gz`));
    await publish(store, request(["c"], { remove: ["b"], hours: 11 }));
    assert.deepEqual(await store.list("packages"), ["b", "c"]);
  });

  it("removes generations that are neither new nor within the grace time, and what only they had", async () => {
    const store = openMemoryStore();
    await publish(store, request(["a"], { add: ["a"] }));
    await publish(store, request(["b"], { add: ["b"], remove: ["a"], hours: 1 }));
    await publish(store, request(["c"], { add: ["c"], remove: ["b"], hours: 2 }));
    assert.deepEqual(await generations(store), ["1", "2", "3"]);
    await publish(store, request(["c"], { hours: 13 }));
    assert.deepEqual(await generations(store), ["2", "3"]);
    await publish(store, request(["d"], { add: ["d"], remove: ["c"], hours: 50 }));
    await publish(store, request(["e"], { add: ["e"], remove: ["d"], hours: 70 }));
    assert.deepEqual(await generations(store), ["4", "5"]);
    assert.deepEqual(await store.list("packages"), ["d", "e"]);
  });

  it("removes what an interrupted publish left, before it starts", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    await publish(store, request(["a"], { add: ["a"] }));
    files.set("generations/2-0123456789abcdef/repodata/repomd.xml", Buffer.from("half"));
    files.set("packages/b", Buffer.from("another b, that nobody ever saw"));
    const added = { schema: 1, packages: ["packages/b"] };
    files.set("generations/2-0123456789abcdef/added.json", Buffer.from(JSON.stringify(added)));
    files.set(".virt-appliance/staging/x", Buffer.from("half"));
    await publish(store, request(["a", "b"], { add: ["b"], hours: 1 }));
    assert.equal(files.get("packages/b")?.toString(), "content of packages/b");
    assert.deepEqual(await generations(store), ["1", "2"]);
    assert.deepEqual(await store.list(".virt-appliance/staging"), []);
  });

  it("repairs the conventional view when it lags behind the pointer", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    await publish(store, request(["a"], { add: ["a"] }));
    files.set("repodata/repomd.xml.asc", Buffer.from("old"));
    files.delete("repodata/a-primary.xml.gz");
    await publish(store, request(["a"], { hours: 1 }));
    assert.equal(files.get("repodata/repomd.xml.asc")?.toString(), "signature a");
    assert.equal(files.get("repodata/a-primary.xml.gz")?.toString(), "primary a");
  });

  it("stops when the pointer is gone although there are generations", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    await publish(store, request(["a"], { add: ["a"] }));
    await publish(store, request(["b"], { add: ["b"], remove: ["a"], hours: 1 }));
    files.delete("mirrorlist");
    await assert.rejects(readPublishState(store, []), { code: "REPO_DAMAGED" });
    files.set("mirrorlist", Buffer.from("https://example.com/elsewhere\n"));
    await assert.rejects(readPublishState(store, []), { code: "REPO_DAMAGED" });
  });
});
