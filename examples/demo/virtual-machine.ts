import { setTimeout as sleep } from "node:timers/promises";
import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import { BASE_FOLDER } from "./look-around.ts";
import type { Say } from "./tell.ts";

const NAME = "vm1";
const CONSOLE = `/var/log/libvirt/${NAME}-console.txt`;
const IMAGES = "/var/lib/libvirt/images";
const OFF_TIMEOUT_MS = 90_000;

/** Step 5: plain virt-install makes a VM on the base, and the VM speaks on its console. */
export async function makeVirtualMachine(host: SimulatedHost, say: Say): Promise<string> {
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
  return readConsole(host, { boots: 1, say });
}

/** Cold-starts the VM and answers the line on its console. */
export async function startAgain(host: SimulatedHost, boots: number, say: Say): Promise<string> {
  say(`# virsh start ${NAME}`);
  await host.run(["virsh", "start", NAME]);
  return readConsole(host, { boots, say });
}

/** Waits until the VM has powered itself off, and checks version and count. */
async function readConsole(
  host: SimulatedHost,
  expected: { readonly boots: number; readonly say: Say },
): Promise<string> {
  const deadline = performance.now() + OFF_TIMEOUT_MS;
  while ((await host.run(["virsh", "domstate", NAME])).stdout.trim() !== "shut off") {
    if (performance.now() > deadline) throw new Error(`${NAME}: still running, expected it off`);
    await sleep(250);
  }
  const console_ = await host.readText(CONSOLE);
  const line = /^hello-appliance .*$/m.exec(console_.replaceAll("\r", ""))?.[0];
  const wanted = `hello-appliance 1.0 boot ${expected.boots}`;
  if (line !== wanted) {
    throw new Error(`${NAME}: the console says "${line ?? console_}", expected "${wanted}"`);
  }
  expected.say(`console of ${NAME}: ${line}`);
  return line;
}
