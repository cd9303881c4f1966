import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { ApplianceError } from "../../src/errors.ts";
import { createVm } from "../../src/host/create/create.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { updateVm } from "../../src/host/update/update.ts";
import type { EffectHook } from "../../src/lib/journal/effects.ts";
import { Killed } from "../support/kill-points.ts";
import { type HostFixture, request } from "../fixtures/memory-host.ts";
import {
  editDomain,
  instanceOf,
  openUpdateFixture,
  updateRequest,
  updateTools,
} from "../fixtures/appliance-versions.ts";

/** Runs a foreign action right before the first change. */
function meanwhile(label: string, act: () => Promise<void>): EffectHook {
  let isDone = false;
  return {
    before: async (each) => {
      if (each !== label || isDone) return;
      isDone = true;
      await act();
    },
  };
}

/** The power fails right before a change of this label, or right behind it. */
function killedAt(label: string, side: "before" | "after" = "before"): EffectHook {
  let isDead = false;
  return {
    before: (each) => {
      isDead ||= side === "before" && each === label;
      if (isDead) throw new Killed(`${side} ${label}`);
    },
    after: (each) => {
      isDead ||= each === label;
    },
  };
}

const verify = { check: { kind: "command", command: "true" }, timeoutSeconds: 5 } as const;

describe("a VM that somebody else starts", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const { names, update } = updateTools(() => host);
  const start = (): Promise<void> => host.libvirt.startDomain("vm1");
  const versions = async (): Promise<readonly unknown[]> => {
    const { current, previous } = await instanceOf(host);
    return [current.version, previous?.version];
  };
  const journal = async (): Promise<readonly string[]> =>
    readdir(path.join(host.paths.stateDir, "journal"));
  const isActive = async (): Promise<boolean> => (await host.libvirt.domainFacts("vm1")).isActive;

  describe("while it is updated", () => {
    for (const [when, asked] of [
      ["it is off", updateRequest({ verify })],
      ["it is to be started", updateRequest({ start: "yes" })],
    ] as const) {
      it(`keeps its version and its disks: ${when}`, async () => {
        const before = [await names(), await host.libvirt.dumpXml("vm1")];
        const open = await host.open(meanwhile("virsh define", start));
        await assert.rejects(updateVm(open, "vm1", asked), {
          code: "HOST_STILL_RUNNING",
          message:
            "vm1: was started meanwhile and runs on its previous disks, expected it to be off",
        });
        assert.deepEqual([await names(), await host.libvirt.dumpXml("vm1")], before);
        assert.deepEqual(await versions(), ["1.0", undefined]);
        assert.ok(await isActive());
        assert.deepEqual(await journal(), []);
      });
    }

    it("is not redefined at all when it runs before that", async () => {
      const labels: string[] = [];
      const open = await host.open({ before: (label) => void labels.push(label) });
      const libvirt = {
        ...open.libvirt,
        dumpLive: async (vm: string) => {
          await start();
          return open.libvirt.dumpLive(vm);
        },
      };
      await assert.rejects(updateVm({ ...open, libvirt }, "vm1", updateRequest()), {
        code: "HOST_STILL_RUNNING",
      });
      assert.equal(labels.filter((label) => label === "virsh define").length, 1, "the undo's");
    });

    it("may be started once it has its new disks", async () => {
      const open = await host.open(meanwhile("virsh start vm1", start));
      await updateVm(open, "vm1", updateRequest({ start: "yes", verify }));
      assert.deepEqual(await versions(), ["1.1", "1.0"]);
    });
  });

  it("while it is rolled back stays with the version that it runs on", async () => {
    await update();
    const before = await names();
    const open = await host.open(meanwhile("virsh define", start));
    const request = { stopSeconds: undefined, start: "as-before" } as const;
    await assert.rejects(rollbackVm(open, "vm1", request), { code: "HOST_STILL_RUNNING" });
    assert.deepEqual(await names(), before);
    assert.deepEqual(await versions(), ["1.1", "1.0"]);
  });

  describe("on the disks of before its update", () => {
    /** As older versions of the program left it, or a restored definition. */
    const runOnOld = async (): Promise<void> => {
      const old = await host.libvirt.dumpXml("vm1");
      await update();
      const updated = await host.libvirt.dumpXml("vm1");
      await host.libvirt.defineDomain(old);
      await start();
      await host.libvirt.defineDomain(updated);
    };

    it("cannot be accepted before it was started anew", async () => {
      await runOnOld();
      const before = await names();
      await assert.rejects(acceptVm(await host.open(), "vm1"), (error: ApplianceError) => {
        assert.equal(error.code, "HOST_REFUSED");
        assert.deepEqual(error.details, [
          "vm1 still runs 1.0-1; shut it down and start it, then accept",
        ]);
        return true;
      });
      assert.deepEqual(await names(), before);
      await host.libvirt.stopDomain("vm1");
      await start();
      await acceptVm(await host.open(), "vm1");
      assert.deepEqual(await versions(), ["1.1", undefined]);
    });

    it("keeps others from removing them, when it no longer names them", async () => {
      const xml = await host.libvirt.dumpXml("vm1");
      await update();
      const system = path.join(host.paths.diskDir, "vm1-system.qcow2");
      await host.libvirt.defineDomain(
        xml
          .replace("<name>vm1<", "<name>thief<")
          .replace(/<metadata>[^]*<\/metadata>/, "")
          .replace(/<uuid>[^<]*/, "<uuid>00000000-0000-4000-8000-000000000000")
          .replaceAll("vm1-data", "thief-data")
          .replaceAll("vm1-scratch", "thief-scratch"),
      );
      await host.libvirt.startDomain("thief");
      await editDomain(host, (text) => text.replaceAll("vm1-system", "thief-system"), "thief");
      await assert.rejects(acceptVm(await host.open(), "vm1"), (error: ApplianceError) => {
        assert.deepEqual(error.details, [`${system}: thief uses it too`]);
        return true;
      });
    });
  });

  describe("before an interrupted operation on it is recovered", () => {
    /** Recovers as the unit at boot does, and says what was left. */
    const recover = async (): Promise<readonly [readonly string[], string]> => {
      const warnings: string[] = [];
      const open = await host.open();
      const logger = { ...open.context.logger, warn: (text: string) => void warnings.push(text) };
      const left = await recoverInterrupted({ ...open, context: { ...open.context, logger } });
      return [left, warnings.join("\n")];
    };
    const cut = async (label: string, act: (open: LocalHost) => Promise<unknown>): Promise<void> =>
      assert.rejects(act(await host.open(killedAt(label))));
    const reason =
      "vm1: runs on disks that the interrupted operation created; shut it down, then run virt-appliance recover";

    it("keeps the disks of an update that it runs on, until it was shut down", async () => {
      const before = [await names(), await host.libvirt.dumpXml("vm1")];
      const open = await host.open(killedAt("virsh define", "after"));
      await assert.rejects(updateVm(open, "vm1", updateRequest({ start: "yes" })));
      await start();
      const during = await host.files();
      assert.deepEqual(await recover(), [
        ["vm1"],
        `vm1: an interrupted update is still pending: ${reason}`,
      ]);
      assert.deepEqual(await host.files(), during);
      assert.ok(await isActive());
      await assert.rejects(acceptVm(await host.open(), "vm1"), { code: "HOST_INTERRUPTED" });
      await host.libvirt.stopDomain("vm1");
      assert.deepEqual(await recover(), [[], "vm1: an interrupted update was undone"]);
      assert.deepEqual([await names(), await host.libvirt.dumpXml("vm1")], before);
      assert.deepEqual(await journal(), []);
    });

    it("keeps them also when it is started while that is undone", async () => {
      const open = await host.open(killedAt("virsh define", "after"));
      await assert.rejects(updateVm(open, "vm1", updateRequest()));
      const during = await names();
      const left = await recoverInterrupted(await host.open(meanwhile("virsh define", start)));
      assert.deepEqual(left, ["vm1"]);
      assert.deepEqual(await names(), during);
      await host.libvirt.stopDomain("vm1");
      assert.deepEqual((await recover())[0], []);
      assert.deepEqual(await versions(), ["1.0", undefined]);
    });

    it("keeps a new VM that it is, and recovers others meanwhile", async () => {
      const half = await host.open(killedAt("virsh define", "after"));
      await assert.rejects(createVm(half, request({ vm: "vm2" })));
      await host.libvirt.startDomain("vm2");
      await cut("virsh define", (open) => createVm(open, request({ vm: "vm3" })));
      const [left, said] = await recover();
      assert.deepEqual(left, ["vm2"], said);
      assert.match(said, /vm2: an interrupted create is still pending/);
      assert.match(said, /vm3: an interrupted create was undone/);
      assert.equal((await names()).filter((name) => name.startsWith("vm2-")).length, 3);
      await host.libvirt.stopDomain("vm2");
      assert.deepEqual((await recover())[0], []);
      assert.deepEqual(await names(), ["vm1-data.raw", "vm1-scratch.qcow2", "vm1-system.qcow2"]);
      assert.equal((await host.libvirt.listDomains()).length, 1);
    });

    it("is stopped when the operation itself had begun to start it", async () => {
      const before = await names();
      await cut("virsh start vm1", (open) =>
        updateVm(open, "vm1", updateRequest({ start: "yes" })),
      );
      await start();
      assert.deepEqual((await recover())[0], []);
      assert.deepEqual(await names(), before);
      assert.deepEqual(await versions(), ["1.0", undefined]);
    });
  });
});
