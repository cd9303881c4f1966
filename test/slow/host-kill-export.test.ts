import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { exportVm } from "../../src/host/export/export.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { killAtEveryChange } from "./kill-every-change.ts";

/** A running VM with a kernel. */
async function open(): Promise<HostFixture> {
  const host = await openHostFixture();
  await addAppliance(host, { os: "<kernel>vmlinuz</kernel>" });
  await createVm(await host.open(), request());
  return host;
}

const folderOf = (host: HostFixture): string => path.join(host.paths.root, "archive");

/** The names in the new folder and in the temporary ones, whether the VM runs, and the names of all other files. */
async function look(host: HostFixture): Promise<string> {
  const exported = await readdir(folderOf(host)).catch(() => undefined);
  const temporary = (await readdir(host.paths.root)).filter((name) =>
    name.startsWith(".archive.exporting"),
  );
  const { isActive } = await host.libvirt.domainFacts("vm1");
  const others = [...(await digestsOfOthers(host)).keys()].sort();
  return JSON.stringify({ exported: exported?.sort() ?? "none", temporary, isActive, others });
}

async function digestsOfOthers(host: HostFixture): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await host.files())].filter(([name]) => !name.startsWith("archive/")));
}

describe("export, killed before and after every change", () => {
  it("leaves a complete folder or none, the VM running, and its disks unchanged", () => {
    let digests: ReadonlyMap<string, string>;
    return killAtEveryChange({
      open: async () => {
        const host = await open();
        digests = await digestsOfOthers(host);
        return host;
      },
      run: async (host, hook) =>
        exportVm(await host.open(hook), "vm1", {
          folder: folderOf(host),
          name: undefined,
          running: "stop",
          stopSeconds: 1,
          start: true,
        }),
      recover: async (host) => recoverInterrupted(await host.open()),
      look,
      outcomes: ["as before", "as after"],
      leastChanges: 1,
      reuse: () => Promise.resolve(),
      check: async (host, _outcome, point) => {
        assert.deepEqual(await digestsOfOthers(host), digests, point);
        assert.equal((await host.libvirt.domainFacts("vm1")).isActive, true, point);
      },
    });
  });
});
