import { setTimeout as sleep } from "node:timers/promises";
import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import { BASE_FOLDER } from "./look-around.ts";
import type { Say } from "./tell.ts";

const NAME = "vm1";
const CONSOLE = `/var/log/libvirt/${NAME}-console.txt`;
const IMAGES = "/var/lib/libvirt/images";
const OFF_TIMEOUT_MS = 90_000;

/** Step 5: plain virt-install makes a VM on the base, and the VM prints on its console. */
export async function makeVirtualMachine(host: SimulatedHost, say: Say): Promise<void> {
  const base = `${BASE_FOLDER}/hello-appliance-1.0-1-system.qcow2`;
  const command = [
    ["virt-install", "--name", NAME, "--osinfo", "hello1.0", "--import"],
    ["--disk", `path=${IMAGES}/${NAME}.qcow2,size=1,backing_store=${base},backing_format=qcow2`],
    ["--disk", `path=${IMAGES}/${NAME}-data.qcow2,size=1`],
    ["--serial", `file,path=${CONSOLE}`],
    ["--network", "none", "--graphics", "none", "--noautoconsole"],
  ];
  say(`# ${command.map((words) => words.join(" ")).join(" \\\n    ")}`);
  await host.run(command.flat());
  await readConsole(host, { vm: NAME, log: CONSOLE, wanted: "1.0 boot 1" }, say);
}

/** Cold-starts the VM and shows the line on its console. */
export async function startAgain(host: SimulatedHost, boots: number, say: Say): Promise<void> {
  say(`# virsh start ${NAME}`);
  await host.run(["virsh", "start", NAME]);
  await readConsole(host, { vm: NAME, log: CONSOLE, wanted: `1.0 boot ${boots}` }, say);
}

/** What a VM must print, and the log of its console. */
export interface ExpectedConsole {
  readonly vm: string;
  readonly log: string;
  /** Version and count: `1.0 boot 1`. */
  readonly wanted: string;
}

/** Waits until a VM has powered itself off, and checks version and count. */
export async function readConsole(
  host: SimulatedHost,
  { vm, log, wanted }: ExpectedConsole,
  say: Say,
): Promise<void> {
  const deadline = performance.now() + OFF_TIMEOUT_MS;
  while ((await host.run(["virsh", "domstate", vm])).stdout.trim() !== "shut off") {
    if (performance.now() > deadline) throw new Error(`${vm}: still running, expected it off`);
    await sleep(250);
  }
  const text = (await host.readText(log)).replaceAll("\r", "");
  const line = /^hello-appliance .*$/m.exec(text)?.[0];
  if (line !== `hello-appliance ${wanted}`) {
    throw new Error(`${vm}: the console says "${line ?? text}", expected "${wanted}"`);
  }
  say(`console of ${vm}: ${line}`);
}
