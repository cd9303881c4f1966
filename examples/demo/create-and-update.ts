import { installedLines } from "./install.ts";
import {
  coldStart,
  expectConsole,
  type InstalledProgram,
  virtAppliance,
  VM,
} from "./installed-program.ts";

/** Options of a check that every healthy version passes within seconds. */
const CHECK = ["--verify", "console:^hello-appliance", "--verify-timeout"] as const;
const COMES_UP_SECONDS = 60;
/** Time in which the broken version prints everything that it prints. */
const BROKEN_SECONDS = 8;
const UNHEALTHY = 3;

/** Host step 1: dnf installs the command line from the same repository; it creates a VM of the older version. */
export async function createFromPackage(program: InstalledProgram): Promise<void> {
  const { host, say } = program;
  const command = ["dnf", "-y", "install", "virt-appliance", "hello-appliance-1.0"];
  const { stdout } = await host.run(command);
  say(`# ${command.join(" ")}`);
  say(installedLines(stdout));
  // dnf installed it with the first appliance, as a weak dependency, and would remove it with the last one.
  const mark = ["dnf", "mark", "install", "virt-appliance"];
  await host.run(mark);
  say(`# ${mark.join(" ")}`);
  const options = ["--virt-type", "qemu", "--network", "none"];
  await virtAppliance(program, ["create", "hello-1.0", VM, ...options]);
  await expectConsole(program, "1.0 boot 1");
}

/** Host step 2: updates the VM to the newer version, which keeps its data, and accepts the update. */
export async function updateAndAccept(program: InstalledProgram): Promise<void> {
  const { stdout } = await virtAppliance(program, ["vms"]);
  if (!stdout.includes("1.1-1 available")) throw new Error(`vms: no newer version:\n${stdout}`);
  const check = [...CHECK, String(COMES_UP_SECONDS)];
  await virtAppliance(program, ["update", VM, "--stop", "--start", ...check]);
  await expectConsole(program, "1.1 boot 2");
  const { stderr } = await virtAppliance(program, ["accept", VM]);
  program.say(stderr);
}

/** Host step 3: an update to a version that never comes up is rolled back; the VM is unchanged. */
export async function updateToBroken(program: InstalledProgram): Promise<void> {
  const { host, say } = program;
  say("# dnf -y upgrade --refresh");
  say(installedLines((await host.run(["dnf", "-y", "upgrade", "--refresh"])).stdout));
  const args = ["update", VM, "--stop", "--start", ...CHECK, String(BROKEN_SECONDS)];
  const { exitCode, stderr } = await virtAppliance(program, args, [UNHEALTHY]);
  if (exitCode !== UNHEALTHY) throw new Error(`update: exit status ${exitCode}, expected 3`);
  // The failure and the rollback; the plan is printed before them.
  say(stderr.slice(Math.max(0, stderr.indexOf("virt-appliance: "))));
  await coldStart(program, "1.1 boot 3");
}
