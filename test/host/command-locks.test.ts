import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { faceOf } from "../../src/host/open-host.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { lockCatalogue, lockVm } from "../../src/host/operation/locks.ts";
import { uninstall } from "../../src/host/install/uninstall.ts";
import { provisionVm } from "../../src/host/create/recipe/provision.ts";
import type { Lock } from "../../src/lib/lock.ts";
import { addAppliance, openHostFixture } from "../fixtures/memory-host.ts";
import { base, recordBases, SYSTEM } from "../fixtures/host-bases.ts";
import { openInstallFixture } from "../fixtures/installable-appliance.ts";
import { openProvisionFixture, recipeRequest } from "../fixtures/provision-host.ts";

/** Does work that changes the host while somebody has a lock, and expects it to change nothing before it has the lock. */
async function expectWaiting(
  open: (labels: string[]) => Promise<LocalHost>,
  take: (host: LocalHost) => Promise<Lock>,
  work: (host: LocalHost) => Promise<unknown>,
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

describe("a command waits for the lock of its subject:", () => {
  it("create from a recipe", async () => {
    await using recipes = await openProvisionFixture();
    await recipes.addRecipe();
    await expectWaiting(
      (labels) => recipes.open({ hook: noting(labels) }),
      (opened) => lockVm(opened, "vm1", { purpose: "test" }),
      (opened) => provisionVm(opened, recipeRequest(recipes)),
    );
  });

  it("install and uninstall, which is the package", async () => {
    await using web = await openInstallFixture();
    await using host = await openHostFixture();
    const open = (labels: string[]): Promise<LocalHost> => host.open(noting(labels));
    const take = (opened: LocalHost): Promise<Lock> =>
      lockVm(opened, "web-appliance-1.0-1", { purpose: "test" });
    await expectWaiting(open, take, (opened) => web.install(opened));
    await expectWaiting(open, take, (opened) => uninstall(opened, "web-appliance-1.0-1"));
  });

  it("doctor --repair, which is the catalogue", async () => {
    await using host = await openHostFixture();
    await addAppliance(host);
    await recordBases(host);
    await chmod(base(host, SYSTEM), 0o664);
    await expectWaiting(
      (labels) => host.open(noting(labels)),
      (opened) => lockCatalogue(opened, "test"),
      (opened) => faceOf(opened).repair({ hash: "changed" }),
    );
  });
});
