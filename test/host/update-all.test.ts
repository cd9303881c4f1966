import assert from "node:assert/strict";
import { createVm } from "../../src/host/create/create.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import {
  matchesName,
  planUpdateAll,
  updateAll,
  type UpdateAllRequest,
  type UpdateOutcome,
} from "../../src/host/update/update-all.ts";
import { updateVm } from "../../src/host/update/update.ts";
import { type HostFixture, openHostFixture, request } from "../fixtures/memory-host.ts";
import { addVersion, instanceOf, updateRequest } from "../fixtures/appliance-versions.ts";

const vms = ["a1", "a2", "b1"];

describe("update of all VMs", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addVersion(host);
    for (const vm of vms) await createVm(await host.open(), request({ vm, start: false }));
    await addVersion(host, { version: "1.1" });
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const all = async (
    changes: Partial<UpdateAllRequest> = {},
    opened?: LocalHost,
  ): Promise<readonly UpdateOutcome[]> =>
    updateAll(opened ?? (await host.open()), {
      ...updateRequest(),
      name: undefined,
      maxParallel: 1,
      accept: false,
      ...changes,
    });
  const summary = (outcomes: readonly UpdateOutcome[]): readonly string[] =>
    outcomes.map(({ vm, from, to, outcome }) => `${vm} ${from} ${to} ${outcome}`);

  for (const maxParallel of [1, 3]) {
    it(`takes each to its newest version, ${maxParallel} at a time, and leaves those that have it`, async () => {
      assert.deepEqual(
        summary(await all({ maxParallel })),
        vms.map((vm) => `${vm} 1.0-1 1.1-1 updated`),
      );
      for (const vm of vms) assert.equal((await instanceOf(host, vm)).current.version, "1.1");
      assert.deepEqual(
        summary(await all({ maxParallel })),
        vms.map((vm) => `${vm} 1.1-1 null current`),
      );
    });
  }

  it("shows each plan, and every reason of those that would be refused", async () => {
    await host.libvirt.startDomain("a2");
    await updateVm(await host.open(), "b1", updateRequest());
    const before = await host.files();
    const asked = { ...updateRequest(), name: undefined, maxParallel: 1, accept: false };
    const previews = await planUpdateAll(await host.open(), asked);
    assert.deepEqual(summary(previews), [
      "a1 1.0-1 1.1-1 planned",
      "a2 1.0-1 1.1-1 refused",
      "b1 1.1-1 null current",
    ]);
    const [a1, a2, b1] = previews;
    assert.deepEqual([a1?.steps.length, a2?.steps.length, b1?.steps.length], [4, 0, 0]);
    assert.match(a2?.details.join() ?? "", /it is running/);
    assert.deepEqual(await host.files(), before);
    for (const vm of ["a1", "a2"]) assert.equal((await instanceOf(host, vm)).previous, undefined);
  });

  it("updates the VMs whose name matches", async () => {
    assert.deepEqual(summary(await all({ name: "a?" })), [
      "a1 1.0-1 1.1-1 updated",
      "a2 1.0-1 1.1-1 updated",
    ]);
  });

  it("skips a VM that is refused, and continues", async () => {
    await host.libvirt.startDomain("a2");
    const outcomes = await all();
    assert.deepEqual(summary(outcomes), [
      "a1 1.0-1 1.1-1 updated",
      "a2 1.0-1 1.1-1 refused",
      "b1 1.0-1 1.1-1 updated",
    ]);
    assert.match(outcomes[1]?.details.join() ?? "", /it is running/);
  });

  it("stops at the first one that does not come up, and accepts those that do when asked to", async () => {
    const command = 'test "$VIRT_APPLIANCE_VM" = a1';
    const verify = { check: { kind: "command", command }, timeoutSeconds: 0.1 } as const;
    assert.deepEqual(summary(await all({ verify, accept: true })), [
      "a1 1.0-1 1.1-1 updated",
      "a2 1.0-1 1.1-1 unhealthy",
      "b1 1.0-1 1.1-1 not-tried",
    ]);
    assert.equal((await instanceOf(host, "a1")).previous, undefined);
    assert.equal((await instanceOf(host, "a2")).current.version, "1.0");
    assert.equal((await instanceOf(host, "b1")).current.version, "1.0");
  });

  it("matches names with * and ?, and nothing else", () => {
    for (const [name, pattern, expected] of [
      ["shop-1", "shop-*", true],
      ["shop-", "shop-*", true],
      ["my-shop-1", "shop-*", false],
      ["a1", "a?", true],
      ["a12", "a?", false],
      ["a.b", "a.b", true],
      ["axb", "a.b", false],
      ["a+b(c)[d]", "a+b(c)[d]", true],
      ["a\\b", "a\\b", true],
      ["a-b", "*-*", true],
    ] as const)
      assert.equal(matchesName(name, pattern), expected, `${name} ${pattern}`);
  });
});
