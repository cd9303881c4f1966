import type { RunResult } from "../../src/lib/exec.ts";
import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import type { Say } from "./tell.ts";
import { readConsole } from "./virtual-machine.ts";

/** The VM of this chapter. */
export const VM = "vm2";

/** A host with the package virt-appliance: its program, and where its output is shown. */
export interface InstalledProgram {
  readonly host: SimulatedHost;
  readonly say: Say;
}

/** Runs the program of the package, and shows the command and its standard output. */
export async function virtAppliance(
  { host, say }: InstalledProgram,
  args: readonly string[],
  accept: readonly number[] = [],
): Promise<RunResult> {
  say(`# virt-appliance ${args.join(" ")}`);
  const result = await host.run(["/usr/bin/virt-appliance", ...args], { accept });
  if (result.stdout.trim() !== "") say(result.stdout);
  return result;
}

/** Waits until the VM is off, and shows version and count from its console. */
export async function expectConsole(program: InstalledProgram, wanted: string): Promise<void> {
  const log = `/var/log/libvirt/qemu/${VM}-console.log`;
  await readConsole(program.host, { vm: VM, log, wanted }, program.say);
}

/** Cold-starts the VM with virsh alone. */
export async function coldStart(program: InstalledProgram, wanted: string): Promise<void> {
  program.say(`# virsh start ${VM}`);
  await program.host.run(["virsh", "start", VM]);
  await expectConsole(program, wanted);
}
