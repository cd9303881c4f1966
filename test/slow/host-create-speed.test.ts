import assert from "node:assert/strict";
import path from "node:path";
import { openVmHost, type VmHost } from "../fixtures/vm-host.ts";
import { descriptorOf, noise, writeAppliance, writeSparse } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;
const ROUNDS = 5;
/** What else the machine may do; copying 10 GiB, or only reading it, takes far more. */
const TOLERANCE_MS = 1000;

/** Installs an appliance whose base is a raw disk of this size. */
async function installRaw(testHost: VmHost, name: string, sizeMib: number): Promise<void> {
  await using temporary = await openFolder();
  const folder = temporary.path;
  const source = path.join(folder, name);
  await writeAppliance(source, descriptorOf([{ file: "system.raw", sizeMib }], { name }));
  await writeSparse(path.join(source, "system.raw"), sizeMib * MIB, [[0, noise(50 * MIB)]]);
  const archive = path.join(folder, `${name}.tar`);
  await testContext().run("tar", ["-S", "-cf", archive, "-C", folder, name]);
  await testHost.host.copyIn(archive, "/srv/source.tar");
  const install = ["install", "/srv/source.tar", "--keep-raw"];
  await testHost.virtAppliance(install, { timeoutMs: 1_200_000 });
}

describe("creating a VM", () => {
  it("takes no longer from a base of 10 GiB than from one of 100 MiB", async () => {
    await using testHost = await openVmHost([]);
    await installRaw(testHost, "small", 100);
    await installRaw(testHost, "large", 10 * 1024);
    const times: Record<string, number[]> = { small: [], large: [] };
    const options = ["--virt-type", "qemu", "--network", "none", "--no-start"];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, list] of Object.entries(times)) {
        const started = performance.now();
        await testHost.virtAppliance(["create", name, `${name}-${round}`, ...options]);
        list.push(performance.now() - started);
      }
    }
    // The first is in it too: nothing is read again after it was installed.
    const worst = Math.max(...(times["large"] ?? []));
    const usual = Math.max(...(times["small"] ?? []));
    console.log(`      slowest of ${ROUNDS}: ${usual.toFixed(0)} ms and ${worst.toFixed(0)} ms`);
    assert.ok(worst < usual + TOLERANCE_MS, JSON.stringify(times));
  });
});
