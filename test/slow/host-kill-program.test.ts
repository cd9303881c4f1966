import assert from "node:assert/strict";
import { type CommandCases, type KeptVm, type KillCase, killCases } from "./kill-cases.ts";
import { DISKS, type KillHost, openKillHost, OPTIONS } from "../fixtures/kill-host.ts";

/** What is known of each kept VM: whether it is one of virt-appliance, and what its guest prints next. */
const keptVms: Readonly<Record<KeptVm, { vms: readonly string[]; guestPrints: string }>> = {
  "1.0": { vms: ["vm1"], guestPrints: "1.0 boot 2" },
  "updated to 1.1": { vms: ["vm1"], guestPrints: "1.1 boot 2" },
  "by virt-install": { vms: [], guestPrints: "1.0 boot 2" },
};

/** Makes the kept VMs; each has booted once, but the updated one, whose new version has not. */
async function makeKeptVms({
  virtAppliance,
  host,
  consoleOf,
  keepVm1,
  reset,
}: KillHost): Promise<void> {
  const keep = (as: KeptVm): Promise<void> => keepVm1(as);
  // A definition that is read without --security-info loses the password.
  const graphics = ["--graphics", "vnc,password=secret1"];
  await virtAppliance(["create", "hello-1.0", "vm1", ...OPTIONS, ...graphics]);
  assert.equal(await consoleOf("vm1"), "1.0 boot 1");
  await keep("1.0");
  await virtAppliance(["update", "vm1"]);
  await keep("updated to 1.1");
  await reset();
  const base = `${DISKS}/appliances/base/hello-appliance-1.0-1`;
  await host.sh(`
    install -m 600 ${base}-data.qcow2 ${DISKS}/vm1-data.qcow2
    virt-install --name vm1 --osinfo hello1.0 --import ${OPTIONS.join(" ")} --graphics none --noautoconsole \\
      --serial file,path=/var/log/libvirt/qemu/vm1-console.log --disk path=${DISKS}/vm1-data.qcow2,target.dev=vdb \\
      --disk path=${DISKS}/vm1-system.qcow2,size=1,backing_store=${base}-system.qcow2,backing_format=qcow2,boot.order=1`);
  assert.equal(await consoleOf("vm1"), "1.0 boot 1");
  await keep("by virt-install");
}

async function check(
  testHost: KillHost,
  { command, vm1, prepare, whenDone }: CommandCases,
  [killed, next, recovery, after]: KillCase,
): Promise<void> {
  await testHost.reset(vm1);
  if (prepare !== undefined) await testHost.host.sh(prepare);
  const before = await testHost.snapshot();

  await testHost.runAndKill(command, killed);
  const printed =
    next === "boot services"
      ? await testHost.runBootServices()
      : (await testHost.virtAppliance(command)).stderr;

  if (recovery !== "none")
    assert.match(printed, new RegExp(`: an interrupted ${command[0]} was ${recovery}`));
  assert.deepEqual(await testHost.journal(), []);
  if (after === "as before") {
    assert.deepEqual(await testHost.snapshot(), before);
    if (vm1 !== undefined) {
      await testHost.assertConsistent(keptVms[vm1].vms);
      return assert.equal(await testHost.boot("vm1"), keptVms[vm1].guestPrints);
    }
    // Nothing hinders the command the next time.
    await testHost.virtAppliance(command);
  }
  assert.deepEqual(await testHost.disks(), whenDone.disks);
  await testHost.assertConsistent(whenDone.vms);
  assert.equal(await whenDone.boot(testHost), whenDone.guestPrints);
}

function title({ command }: CommandCases, [killed, next, recovery, after]: KillCase): string {
  const step = "step" in killed ? ` ${killed.step} (${killed.kind})` : "";
  const at =
    killed.at === "before step" ? `before step${step}` : `${killed.at}${step && `, step${step}`}`;
  const what = command.filter((word) => !OPTIONS.includes(word)).join(" ");
  return `${what}, killed ${at}: ${next}, recovery ${recovery}, host ${after}`;
}

describe("the host after a command was killed", function () {
  this.timeout(120_000);
  let testHost: KillHost;
  before(async () => {
    testHost = await openKillHost();
    await makeKeptVms(testHost);
  });
  after(() => testHost[Symbol.asyncDispose]());

  for (const cases of killCases)
    for (const kill of cases.kills) it(title(cases, kill), () => check(testHost, cases, kill));
});
