import assert from "node:assert/strict";
import { access, readdir, readFile, truncate } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
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
import { countingHook, Killed, killingHook, killPoints } from "../support/kill-points.ts";
import { type HostFixture, openHostFixture, request } from "../host/fixture.ts";
import { addVersion, instanceOf, updateRequest } from "../host/update-fixture.ts";

/** A VM as it can be seen from outside, a line for each fact. Growth is not undone, so sizes do not count. */
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

/** Every disk is sound, belongs to the VM, and is there; the journal is empty. */
async function assertSound(host: HostFixture, place: string): Promise<void> {
  const { current, previous } = await instanceOf(host);
  const owned = new Set([current, previous].flatMap((each) => (each ? filesOf(each) : [])));
  const found = (await readdir(host.paths.diskDir))
    .filter((name) => name !== "appliances")
    .map((name) => path.join(host.paths.diskDir, name));
  assert.deepEqual(found.sort(), [...owned].sort(), place);
  const { run } = testContext();
  for (const file of found.filter((name) => name.endsWith(".qcow2")))
    await run("qemu-img", ["check", "-q", file]);
  const { disks } = parseDomain(await host.libvirt.dumpXml("vm1"));
  assert.deepEqual(
    new Set(disks.map((disk) => disk.source)),
    new Set(current.disks.map((disk) => disk.path)),
    place,
  );
  assert.equal(disks.length, current.disks.length, place);
  const definitions = await readdir(path.join(host.paths.stateDir, "definitions")).catch(() => []);
  assert.equal(definitions.length, previous === undefined ? 0 : 1, place);
  assert.deepEqual(await readdir(path.join(host.paths.stateDir, "journal")), [], place);
}

/** A VM of 1.0 beside 1.1, which changes what it can. */
async function openBefore(): Promise<HostFixture> {
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

/** The same, updated to 1.1. */
async function openUpdated(): Promise<HostFixture> {
  const host = await openBefore();
  await updateVm(await host.open(), "vm1", updateRequest({ stopSeconds: 0 }));
  return host;
}

const verify = { check: { kind: "command", command: "true" }, timeoutSeconds: 5 } as const;
const sick = { check: { kind: "command", command: "false" }, timeoutSeconds: 0.1 } as const;

const operations: Readonly<
  Record<
    string,
    {
      readonly open: () => Promise<HostFixture>;
      readonly act: (host: LocalHost) => Promise<unknown>;
      readonly least: number;
      /** What the VM can be after a kill. */
      readonly outcomes: readonly string[];
    }
  >
> = {
  update: {
    open: openBefore,
    act: (host) => updateVm(host, "vm1", updateRequest({ stopSeconds: 0, verify })),
    least: 15,
    outcomes: ["after", "before"],
  },
  "update of a VM that does not come up": {
    open: openBefore,
    act: (host) => updateVm(host, "vm1", updateRequest({ stopSeconds: 0, verify: sick })),
    least: 20,
    outcomes: ["before"],
  },
  rollback: {
    open: openUpdated,
    act: (host) => rollbackVm(host, "vm1", { stopSeconds: 0, start: "as-before" }),
    least: 10,
    outcomes: ["after", "before"],
  },
  accept: {
    open: openUpdated,
    act: (host) => acceptVm(host, "vm1"),
    least: 8,
    outcomes: ["after", "before"],
  },
  "grow of a disk of a running VM": {
    open: openBefore,
    act: (host) => growVm(host, "vm1", { disk: "data", request: { byBytes: 1024 * 1024 } }),
    least: 4,
    outcomes: ["before"],
  },
  "grow of a disk of a VM that is off": {
    open: async () => {
      const host = await openBefore();
      await host.libvirt.stopDomain("vm1");
      return host;
    },
    act: (host) => growVm(host, "vm1", { disk: "data", request: { byBytes: 1024 * 1024 } }),
    least: 4,
    outcomes: ["before"],
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

describe("a VM whose change is cut short", function () {
  this.timeout(240_000);

  for (const [name, { open, act, least, outcomes }] of Object.entries(operations)) {
    it(`is as before or as after, wherever it was killed: ${name}`, async () => {
      let host = await open();
      try {
        const counting = countingHook();
        const data = await dataDigest(host);
        const before = await look(host);
        await act(await host.open(counting)).catch((error: unknown) => {
          assert.ok(
            error instanceof ApplianceError && error.code === "HOST_UNHEALTHY",
            String(error),
          );
        });
        const after = await look(host);
        await assertSound(host, "clean");
        assert.ok(counting.labels.length >= least, counting.labels.join("\n"));
        const seen = new Set<string>();
        await host[Symbol.asyncDispose]();
        host = await open();
        for (const { index, side } of killPoints(counting.labels.length)) {
          const place = `${side} ${index} ${counting.labels[index]}`;
          await act(await host.open(killingHook(index, side))).catch((error: unknown) => {
            assert.ok(error instanceof Killed || error instanceof ApplianceError, place);
          });
          assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
          await assertSound(host, place);
          assert.equal(await dataDigest(host), data, place);
          const found = await look(host);
          assert.ok(found === before || found === after, `${place}\n${found}`);
          seen.add(found === before ? "before" : "after");
          if (found === before) await truncate(dataDisk(host), DATA_BYTES);
          else {
            await host[Symbol.asyncDispose]();
            host = await open();
          }
        }
        assert.deepEqual([...seen].sort(), outcomes);
      } finally {
        await host[Symbol.asyncDispose]();
      }
    });
  }

  for (const name of ["update", "rollback", "accept"]) {
    const { open, act } = operations[name] ?? assert.fail(name);
    it(`loses no disk that it runs on when the host starts it before recovery: ${name}`, async () => {
      const counting = countingHook();
      let host = await open();
      try {
        await act(await host.open(counting));
        let leftOpen = 0;
        for (const { index, side } of killPoints(counting.labels.length)) {
          await host[Symbol.asyncDispose]();
          host = await open();
          const place = `${name}: ${side} ${index} ${counting.labels[index]}`;
          await act(await host.open(killingHook(index, side))).catch(() => undefined);
          // Down and up again.
          await host.libvirt.stopDomain("vm1");
          await host.libvirt.startDomain("vm1");
          const left = await recoverInterrupted(await host.open());
          const live = (await host.libvirt.dumpLive("vm1")) ?? assert.fail(place);
          for (const { source } of parseDomain(live).disks)
            await access(source ?? "").catch(() => assert.fail(`${place}: ${source} is gone`));
          if (left.length === 0) continue;
          leftOpen += 1;
          await host.libvirt.stopDomain("vm1");
          assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
          await assertSound(host, place);
        }
        assert.equal(leftOpen > 0, name !== "accept");
      } finally {
        await host[Symbol.asyncDispose]();
      }
    });
  }
});
