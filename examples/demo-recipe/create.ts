import { setTimeout as sleep } from "node:timers/promises";
import { GREETING, type RecipeProgram, setOptions, VM } from "./recipe-program.ts";

const CONSOLE = `/var/log/libvirt/qemu/${VM}-console.log`;
const INSTALL_MS = 15 * 60_000;
const BOOT_MS = 10 * 60_000;

async function readConsole({ host }: RecipeProgram, file: string): Promise<string> {
  return (await host.sh(`cat ${file} 2>/dev/null || true`)).stdout.replaceAll("\r", "");
}

/** Step 5: `create` makes disks, has virt-install start the installer, and returns when the VM is installed. */
export async function createFromRecipe(program: RecipeProgram): Promise<void> {
  const { host, say, tree } = program;
  const machine = ["--virt-type", "qemu", "--network", "user", "--location", tree.url];
  const args = ["create", "page-recipe", VM, ...machine, "--masterless", "--no-start"];
  say(`# virt-appliance ${[...args, ...setOptions(program)].join(" ")}`);
  const command = ["/usr/bin/virt-appliance", ...args, ...setOptions(program)];
  await host.run(command, { timeoutMs: INSTALL_MS });
  const said = await readConsole(program, CONSOLE);
  const lines = said.split("\n").filter((line) => /^(?:installer|virt-appliance): /.test(line));
  if (!lines.some((line) => line.includes("vdb1: ext4 for /srv"))) throw new Error(said);
  for (const line of lines) say(`console: ${line}`);
}

/** Step 6: the VM's first boot from its own disk. */
export async function firstBoot(program: RecipeProgram): Promise<void> {
  const { host, say } = program;
  say(`# virsh start ${VM}`);
  await host.run(["virsh", "start", VM]);
  const deadline = performance.now() + BOOT_MS;
  const configured = /virt-appliance: first boot: .* is configured/;
  let said = "";
  while (!configured.test(said)) {
    if (performance.now() > deadline) throw new Error(`${VM} is not configured:\n${said}`);
    await sleep(500);
    said = await readConsole(program, CONSOLE);
  }
  if (!said.includes(`<p>${GREETING}</p>`)) throw new Error(said);
  const lines = said
    .split("\n")
    .filter((line) => /returns: (?:<p>|\/dev)|Applied catalog|first boot/.test(line));
  for (const line of lines)
    say(`console: ${line.replace(/^.*?\]: /, "").replaceAll(/\p{Cc}\[[0-9;]*m/gu, "")}`);
}
