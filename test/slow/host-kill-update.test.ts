import assert from "node:assert/strict";
import { access, readdir, readFile, truncate } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { growVm } from "../../src/host/grow/grow.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { filesOf } from "../../src/host/instance/instance.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { updateVm } from "../../src/host/update/update.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import { testContext } from "../support/context.ts";
import { type HostFixture, openHostFixture, request } from "../fixtures/memory-host.ts";
import { addVersion, instanceOf, updateRequest } from "../fixtures/appliance-versions.ts";
import { forEveryKill, killAtEveryChange, type Outcome } from "./kill-every-change.ts";

/** The domain, whether it runs, and the names of all files of VMs. Growth is not undone, so sizes do not count. */
async function look(host: HostFixture): Promise<string> {
  const domains = await host.libvirt.listDomains();
  assert.deepEqual(
    domains.map((domain) => domain.name),
    ["vm1"],
  );
  const xml = await host.libvirt.dumpXml("vm1");
  const files = [...(await host.files()).keys()].filter((file) => file.startsWith("var/lib/"));
  // Each host is below another root.
  const rootless = xml.replaceAll(host.paths.root, "");
  return [rootless, String(domains[0]?.isActive), ...files.sort()].join("\n");
}

/** Checks that the disks of the VM are valid and the only ones, and that the journal is empty. */
async function assertConsistent(host: HostFixture, point: string): Promise<void> {
  const { current, previous } = await instanceOf(host);
  const owned = new Set([current, previous].flatMap((each) => (each ? filesOf(each) : [])));
  const found = (await readdir(host.paths.diskDir))
    .filter((name) => name !== "appliances")
    .map((name) => path.join(host.paths.diskDir, name));
  assert.deepEqual(found.sort(), [...owned].sort(), point);
  const { run } = testContext();
  for (const file of found.filter((name) => name.endsWith(".qcow2")))
    await run("qemu-img", ["check", "-q", file]);
  const { disks } = parseDomain(await host.libvirt.dumpXml("vm1"));
  assert.deepEqual(
    new Set(disks.map((disk) => disk.source)),
    new Set(current.disks.map((disk) => disk.path)),
    point,
  );
  assert.equal(disks.length, current.disks.length, point);
  const definitions = await readdir(path.join(host.paths.stateDir, "definitions")).catch(() => []);
  assert.equal(definitions.length, previous === undefined ? 0 : 1, point);
  assert.deepEqual(await readdir(path.join(host.paths.stateDir, "journal")), [], point);
}

/** A running VM of 1.0; 1.1 is installed, with another kernel, a larger data disk and one more disk. */
async function openAt1_0(): Promise<HostFixture> {
  const host = await openHostFixture();
  await addVersion(host);
  await createVm(await host.open(), request({ start: true }));
  await addVersion(host, {
    version: "1.1",
    os: "<kernel>kernel</kernel><cmdline>x</cmdline>",
    disks: [
      { id: "system", role: "system", sizeMiB: 4, format: "qcow2" },
      { id: "data", role: "data", sizeMiB: 6, format: "raw" },
      { id: "mail", role: "data", sizeMiB: 2, format: "raw" },
    ],
  });
  return host;
}

/** The same VM, updated to 1.1. */
async function openAt1_1(): Promise<HostFixture> {
  const host = await openAt1_0();
  await updateVm(await host.open(), "vm1", updateRequest({ stopSeconds: 0 }));
  return host;
}

const passes = { check: { kind: "command", command: "true" }, timeoutSeconds: 5 } as const;
const failsCheck = { check: { kind: "command", command: "false" }, timeoutSeconds: 0.1 } as const;
const grow = (host: LocalHost): Promise<unknown> =>
  growVm(host, "vm1", { disk: "data", request: { byBytes: 1024 * 1024 } });

/** A row: the command, the VM that it is run on, and which of both states occur after kill and `recover`. */
interface UpdateCommand {
  readonly open: () => Promise<HostFixture>;
  readonly run: (host: LocalHost) => Promise<unknown>;
  readonly fails?: string;
  readonly outcomes: readonly Outcome[];
  readonly leastChanges: number;
}

const commands: Readonly<Record<string, UpdateCommand>> = {
  update: {
    open: openAt1_0,
    run: (host) => updateVm(host, "vm1", updateRequest({ stopSeconds: 0, verify: passes })),
    outcomes: ["as before", "as after"],
    leastChanges: 15,
  },
  "update of a VM that fails its check": {
    open: openAt1_0,
    run: (host) => updateVm(host, "vm1", updateRequest({ stopSeconds: 0, verify: failsCheck })),
    fails: "HOST_UNHEALTHY",
    outcomes: ["as before"],
    leastChanges: 20,
  },
  rollback: {
    open: openAt1_1,
    run: (host) => rollbackVm(host, "vm1", { stopSeconds: 0, start: "as-before" }),
    outcomes: ["as before", "as after"],
    leastChanges: 10,
  },
  accept: {
    open: openAt1_1,
    run: (host) => acceptVm(host, "vm1"),
    outcomes: ["as before", "as after"],
    leastChanges: 8,
  },
  "grow of a disk of a running VM": {
    open: openAt1_0,
    run: grow,
    outcomes: ["as before"],
    leastChanges: 4,
  },
  "grow of a disk of a VM that is off": {
    open: async () => {
      const host = await openAt1_0();
      await host.libvirt.stopDomain("vm1");
      return host;
    },
    run: grow,
    outcomes: ["as before"],
    leastChanges: 4,
  },
};

const DATA_BYTES = 4 * 1024 * 1024;

function dataDisk(host: HostFixture): string {
  return path.join(host.paths.diskDir, "vm1-data.raw");
}

/** Digest of the data that were there before the operation. */
async function dataDigest(host: HostFixture): Promise<string> {
  return digestOf((await readFile(dataDisk(host))).subarray(0, DATA_BYTES));
}

const recover = async (host: HostFixture): Promise<readonly unknown[]> =>
  recoverInterrupted(await host.open());

describe("update, rollback, accept and grow, killed before and after every change", function () {
  this.timeout(240_000);

  for (const [name, { run, ...command }] of Object.entries(commands)) {
    it(`leave the VM as before or as after, with its data: ${name}`, () => {
      let data = "";
      return killAtEveryChange({
        ...command,
        open: async () => {
          const host = await command.open();
          data = await dataDigest(host);
          return host;
        },
        run: async (host, hook) => run(await host.open(hook)),
        recover,
        look,
        checkWhole: (host) => assertConsistent(host, "not killed"),
        check: async (host, _outcome, point) => {
          await assertConsistent(host, point);
          assert.equal(await dataDigest(host), data, point);
        },
        reuse: (host) => truncate(dataDisk(host), DATA_BYTES),
      });
    });
  }
});

/** Checks that every disk that the running VM has is there. */
async function assertRunsOnItsDisks({ libvirt }: HostFixture, point: string): Promise<void> {
  const live = (await libvirt.dumpLive("vm1")) ?? assert.fail(point);
  for (const { source } of parseDomain(live).disks)
    await access(source ?? "").catch(() => assert.fail(`${point}: ${source} is gone`));
}

describe("a VM that the host starts after a kill, before recover runs", function () {
  this.timeout(240_000);

  // Recovery of update and rollback waits for the VM to be off, at some points.
  for (const [name, waitsForVm] of Object.entries({
    update: true,
    rollback: true,
    accept: false,
  })) {
    const { open, run } = commands[name] ?? assert.fail(name);
    it(`keeps every disk that it runs on: ${name}`, async () => {
      let waited = 0;
      await forEveryKill({
        open,
        run: async (host, hook) => run(await host.open(hook)),
        check: async (host, point) => {
          await host.libvirt.stopDomain("vm1");
          await host.libvirt.startDomain("vm1");
          const unfinished = await recover(host);
          await assertRunsOnItsDisks(host, point);
          if (unfinished.length === 0) return;
          waited += 1;
          await host.libvirt.stopDomain("vm1");
          assert.deepEqual(await recover(host), [], point);
          await assertConsistent(host, point);
        },
      });
      assert.equal(waited > 0, waitsForVm);
    });
  }
});
