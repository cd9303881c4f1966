import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { useHello } from "../fixtures/hello-appliance.ts";

const run = promisify(execFile);
/** It boots in seconds; on a busy machine in a minute. */
const BOOT_TIMEOUT_MS = 300_000;

/** A disk of a VM, and the bus it hangs on. */
interface TestDisk {
  readonly file: string;
  readonly format: "raw" | "qcow2";
  readonly bus: "virtio" | "ide";
}

/** Boots a VM in software emulation until it powers itself off; returns what its console said. */
async function boot(disks: readonly TestDisk[]): Promise<string> {
  const drives = disks.flatMap((disk) => [
    "-drive",
    `file=${disk.file},format=${disk.format},if=${disk.bus}`,
  ]);
  const machine = ["-accel", "tcg", "-m", "256", "-nographic", "-no-reboot", "-net", "none"];
  const { stdout } = await run("qemu-system-x86_64", [...machine, ...drives], {
    timeout: BOOT_TIMEOUT_MS,
  });
  return stdout;
}

describe("the hello appliance, booted", () => {
  const hello = useHello();
  const { at } = hello;

  async function overlay(name: string): Promise<TestDisk> {
    const base = path.join(hello.appliance.folder, "system.raw");
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", base, at(name)]);
    return { file: at(name), format: "qcow2", bus: "virtio" };
  }

  async function blank(name: string): Promise<TestDisk> {
    await writeFile(at(name), "");
    await truncate(at(name), 1024 * 1024);
    return { file: at(name), format: "raw", bus: "virtio" };
  }

  it("boots by BIOS, says version and count, and powers off", async () => {
    await copyFile(path.join(hello.appliance.folder, "data.raw"), at("data.raw"));
    const disks: readonly TestDisk[] = [
      await overlay("system.qcow2"),
      { file: at("data.raw"), format: "raw", bus: "virtio" },
      await blank("scratch.raw"),
    ];
    assert.match(await boot(disks), /^hello-appliance 1\.0 boot 1\r?$/m);
    assert.match(await boot(disks), /^hello-appliance 1\.0 boot 2\r?$/m);
    assert.match(await readFile(at("data.raw"), "latin1"), /^HELLO-DATA\n2\n/);
    assert.match(await readFile(at("scratch.raw"), "latin1"), /^HELLO-SCRATCH\nboot 2\n/);
  });

  it("takes an empty disk as its data disk, wherever it is attached", async () => {
    const system: TestDisk = { ...(await overlay("ide.qcow2")), bus: "ide" };
    const data = await blank("fresh.raw");
    assert.match(await boot([data, system]), /^hello-appliance 1\.0 boot 1\r?$/m);
    assert.match(
      await boot([system, { ...data, bus: "ide" }]),
      /^hello-appliance 1\.0 boot 2\r?$/m,
    );
  });
});
