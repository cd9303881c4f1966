import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import path from "node:path";
import { adoptDomain } from "../../src/host/adopt/adopt.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { diagnoseAndRepair } from "../../src/host/doctor/doctor.ts";
import { exportVm } from "../../src/host/export/export.ts";
import { growVm } from "../../src/host/grow/grow.ts";
import { lockCatalogue, lockVm } from "../../src/host/host.ts";
import type { Host } from "../../src/host/host.ts";
import { uninstall } from "../../src/host/install/uninstall.ts";
import { provisionVm } from "../../src/host/provision/provision.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { updateVm } from "../../src/host/update/update.ts";
import type { Lock } from "../../src/lib/lock.ts";
import type { HostFixture } from "./fixture.ts";
import { base, domainXml, images, overlay, recordBases, SYSTEM } from "./gc-fixture.ts";
import { openInstallFixture } from "./install-fixture.ts";
import { openProvisionFixture, recipeWish } from "./provision-fixture.ts";
import { openUpdateFixture, updateTools, updateWish } from "./update-fixture.ts";

/** Does work that changes the host while somebody has a lock, and expects it to change nothing before it has the lock. */
async function expectWaiting(
  open: (labels: string[]) => Promise<Host>,
  take: (host: Host) => Promise<Lock>,
  work: (host: Host) => Promise<unknown>,
): Promise<void> {
  const labels: string[] = [];
  const host = await open(labels);
  let say: (what: string) => void = () => {};
  const first = new Promise<string>((resolve) => (say = resolve));
  const info = (text: string): void => {
    if (text.startsWith("waiting for process")) say("waits");
  };
  const context = { ...host.context, logger: { ...host.context.logger, info } };
  let done: Promise<unknown> = Promise.resolve();
  {
    await using _lock = await take(host);
    done = work({ ...host, context });
    done.then(
      () => say("ended without the lock"),
      (error: unknown) => say(`failed without the lock: ${String(error)}`),
    );
    assert.equal(await first, "waits");
    assert.deepEqual(labels, []);
  }
  await done;
  assert.ok(labels.length > 0, "it changes something once it has the lock");
}

const noting = (labels: string[]): { before: (label: string) => void } => ({
  before: (label) => void labels.push(label),
});

describe("a command waits for who works on the same VM:", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());
  const { update } = updateTools(() => host);
  const expectLocked = (vm: string, work: (opened: Host) => Promise<unknown>): Promise<void> =>
    expectWaiting(
      (labels) => host.open(noting(labels)),
      (opened) => lockVm(opened, vm, { purpose: "test" }),
      work,
    );

  it("update", () => expectLocked("vm1", (opened) => updateVm(opened, "vm1", updateWish())));

  it("rollback", async () => {
    await update();
    const wish = { stopSeconds: undefined, start: "as-before" } as const;
    await expectLocked("vm1", (opened) => rollbackVm(opened, "vm1", wish));
  });

  it("accept", async () => {
    await update();
    await expectLocked("vm1", (opened) => acceptVm(opened, "vm1"));
  });

  it("grow", () => {
    const growth = { disk: "data", wish: { toBytes: 8 * 1024 * 1024 } };
    return expectLocked("vm1", (opened) => growVm(opened, "vm1", growth));
  });

  it("destroy", () => {
    const wish = { data: "remove", running: "refuse" } as const;
    return expectLocked("vm1", (opened) => destroyVm(opened, "vm1", wish));
  });

  it("export", async () => {
    await recordBases(host);
    const folder = path.join(host.paths.root, "archive");
    const how = { running: "refuse", stopSeconds: 1, start: false } as const;
    const wish = { folder, name: undefined, ...how };
    await expectLocked("vm1", (opened) => exportVm(opened, "vm1", wish));
  });

  it("adopt", async () => {
    await recordBases(host);
    await overlay(images(host, "plain.qcow2"), base(host, SYSTEM));
    await host.libvirt.defineDomain(domainXml("plain", [images(host, "plain.qcow2")]));
    const wish = { disks: { data: "none", scratch: "none" }, boot: undefined };
    await expectLocked("plain", (opened) => adoptDomain(opened, "plain", wish));
  });

  it("create from a recipe", async () => {
    await using recipes = await openProvisionFixture();
    await recipes.addRecipe();
    await expectWaiting(
      (labels) => recipes.open({ hook: noting(labels) }),
      (opened) => lockVm(opened, "vm1", { purpose: "test" }),
      (opened) => provisionVm(opened, recipeWish(recipes)),
    );
  });
});

describe("a command waits for who changes the catalogue, or the same package:", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());
  const open = (labels: string[]): Promise<Host> => host.open(noting(labels));
  const catalogue = (opened: Host): Promise<Lock> => lockCatalogue(opened, "test");
  const ofPackage = (opened: Host): Promise<Lock> =>
    lockVm(opened, "web-appliance-1.0-1", { purpose: "test" });

  it("install and uninstall", async () => {
    await using web = await openInstallFixture();
    for (const take of [catalogue, ofPackage]) {
      await using empty = await openProvisionFixture();
      const openEmpty = (labels: string[]): Promise<Host> => empty.open({ hook: noting(labels) });
      await expectWaiting(openEmpty, take, (opened) => web.install(opened));
      await expectWaiting(openEmpty, take, (opened) => uninstall(opened, "web-appliance-1.0-1"));
    }
  });

  it("doctor --repair", async () => {
    await recordBases(host);
    await chmod(base(host, SYSTEM), 0o664);
    await expectWaiting(open, catalogue, (opened) =>
      diagnoseAndRepair(opened, { hash: "changed" }),
    );
  });
});
