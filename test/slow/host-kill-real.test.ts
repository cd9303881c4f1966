import assert from "node:assert/strict";
import { DISKS, type KillLaboratory, openKillLaboratory, OPTIONS } from "./host-kill-laboratory.ts";
import { type Kill, stories, type Story } from "./host-kill-stories.ts";

describe("operations, killed for real", function () {
  this.timeout(120_000);
  let laboratory: KillLaboratory;
  before(async () => {
    laboratory = await openKillLaboratory();
    const { virtAppliance, host, said, save, reset } = laboratory;
    // A password would be lost by a definition that was read without it.
    const graphics = ["--graphics", "vnc,password=secret1"];
    await virtAppliance(["create", "hello-1.0", "vm1", ...OPTIONS, ...graphics]);
    assert.equal(await said("vm1"), "1.0 boot 1");
    await save("old");
    await virtAppliance(["update", "vm1"]);
    await save("updated");
    await reset();
    const base = `${DISKS}/appliances/base/hello-appliance-1.0-1`;
    await host.sh(`
      install -m 600 ${base}-data.qcow2 ${DISKS}/vm1-data.qcow2
      virt-install --name vm1 --osinfo hello1.0 --import ${OPTIONS.join(" ")} --graphics none --noautoconsole \\
        --serial file,path=/var/log/libvirt/qemu/vm1-console.log --disk path=${DISKS}/vm1-data.qcow2,target.dev=vdb \\
        --disk path=${DISKS}/vm1-system.qcow2,size=1,backing_store=${base}-system.qcow2,backing_format=qcow2,boot.order=1`);
    assert.equal(await said("vm1"), "1.0 boot 1");
    await save("plain");
  });
  after(() => laboratory[Symbol.asyncDispose]());

  const disks = async (): Promise<readonly string[]> => {
    const { stdout } = await laboratory.host.sh(`ls ${DISKS}`);
    return stdout.split("\n").filter((name) => name !== "" && name !== "appliances");
  };

  /** Returns the steps of a command, as it tells before it does them. */
  const stepsOf = async (args: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await laboratory.virtAppliance([...args, "--dry-run"]);
    return stdout.trimEnd().split("\n");
  };

  /** Kills the operation, and sees that it was where it should be. */
  async function killAt(args: readonly string[], { place, begun, kind }: Kill): Promise<void> {
    const steps = begun > 0 && kind !== undefined ? [] : await stepsOf(args);
    const more = steps.length;
    const made = steps
      .slice(0, Math.max(0, begun + more - 1))
      .filter((step) => /^(?:place|write) /.test(step));
    await laboratory.kill(args, { ...place, count: place.count + more + made.length });
    const expected = kind === undefined ? [] : [`${args[0] ?? ""} ${begun + more} ${kind}`];
    assert.deepEqual(await laboratory.journal(), expected);
  }

  async function live({ args, from, prepare, done }: Story, kill: Kill): Promise<void> {
    const { host, reset, snapshot, boot, virtAppliance, bootUnits, assertSound } = laboratory;
    const { next, becomes } = kill;
    await reset(from);
    if (prepare !== undefined) await host.sh(prepare);
    const before = await snapshot();
    await killAt(args, kill);
    const said = next === "boot" ? await bootUnits() : (await virtAppliance(args)).stderr;
    if (kill.kind !== undefined)
      assert.match(said, new RegExp(`: an interrupted ${args[0] ?? ""} was ${becomes}`));
    assert.deepEqual(await laboratory.journal(), []);
    if (next === "boot" && becomes === "undone") {
      assert.deepEqual(await snapshot(), before);
      // Whatever it was, it can be done now.
      if (from !== undefined) {
        await assertSound(from === "plain" ? [] : ["vm1"]);
        return assert.match(await boot("vm1"), /^1\.[01] boot 2$/);
      }
      await virtAppliance(args);
    }
    assert.deepEqual(await disks(), done.disks);
    await assertSound(done.vms);
    assert.equal(await done.boot(laboratory), done.says);
  }

  for (const [what, story] of Object.entries(stories)) {
    for (const kill of story.kills) {
      const { place, kind = "reconcile", next, becomes } = kill;
      const when = { fsync: "at", rmdir: "behind", appears: "in the middle of" }[place.call];
      it(`${what}, killed ${when} ${kind}, is ${becomes} by ${next === "boot" ? "the units at boot" : "the same command"}`, () =>
        live(story, kill));
    }
  }
});
