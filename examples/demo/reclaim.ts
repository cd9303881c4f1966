import { coldStart, type InstalledProgram, virtAppliance } from "./installed-program.ts";
import { BASE_FOLDER } from "./look-around.ts";

/** Bases in use at the end: by the plain VM, and by the VM from `create`, whose data disk came from 1.0. */
const USED = [
  "hello-appliance-1.0-1-data.qcow2",
  "hello-appliance-1.0-1-system.qcow2",
  "hello-appliance-1.1-1-system.qcow2",
];

/** Host step 4: removes the last appliance; then gc deletes the bases that nothing uses, and no other. */
export async function reclaim(program: InstalledProgram): Promise<void> {
  const { host, say } = program;
  const command = ["dnf", "-y", "remove", "hello-appliance", "hello-raw-appliance"];
  await host.run(command);
  say(`# ${command.join(" ")}`);
  const bases = async (): Promise<readonly string[]> =>
    (await host.run(["ls", BASE_FOLDER])).stdout.trim().split("\n");
  const before = await bases();
  const planned = await virtAppliance(program, ["gc", "--dry-run", "--grace", "0"]);
  if ((await bases()).join() !== before.join()) throw new Error("gc --dry-run removed something");
  const { stdout, stderr } = await virtAppliance(program, ["gc", "--grace", "0"]);
  if (stdout !== planned.stdout) throw new Error(`gc: not what --dry-run said:\n${stdout}`);
  say(stderr);
  const after = await bases();
  if (after.join() !== USED.join()) {
    throw new Error(`${BASE_FOLDER}: ${after.join(", ")}, expected ${USED.join(", ")}`);
  }
  await coldStart(program, "1.1 boot 4");
}
