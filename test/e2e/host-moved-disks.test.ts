import assert from "node:assert/strict";
import { BASES, openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const DISKS = "/var/lib/libvirt/images";
const OPTIONS = ["--virt-type", "qemu", "--network", "none"] as const;

describe("a VM whose disks libvirt or an administrator changed", () => {
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost([
      { version: "1.0", health: "hangs" },
      { version: "1.1", health: "hangs" },
    ]);
    await testHost.host.sh("dnf -y -q install hello-appliance-1.0; mkdir -p /srv/fast");
  });
  after(() => testHost[Symbol.asyncDispose]());

  const sh = async (line: string): Promise<string> => (await testHost.host.sh(line)).stdout;
  const run = async (...args: readonly string[]): Promise<string> =>
    (await testHost.virtAppliance(args)).stdout;
  const refusal = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stderr } = await testHost.virtAppliance(args, { accept: "any" });
    assert.equal(exitCode, 1, stderr);
    return stderr;
  };
  /** `severity code` of what doctor finds about VMs. */
  const findings = async (...options: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await testHost.virtAppliance(["doctor", "--json", ...options], {
      accept: "any",
    });
    const found: unknown = JSON.parse(stdout);
    assert.ok(typeof found === "object" && found !== null && "findings" in found);
    assert.ok(Array.isArray(found.findings));
    return found.findings
      .map(({ severity, code, subject }) => `${severity} ${code} ${subject}`)
      .filter((line) => / (?:disk|orphan)-/.test(line))
      .sort();
  };
  const create = (vm: string, ...options: readonly string[]): Promise<string> =>
    run("create", "hello-1.0", vm, ...OPTIONS, ...options);
  const files = (vm: string): Promise<string> =>
    sh(`cd ${DISKS}; ls -d ${vm}[-.]* 2>/dev/null || :; ls /srv/fast`);

  it("is destroyed with the layers of external snapshots, and gc goes on", async () => {
    await create("vm1");
    for (const name of ["one", "two"])
      await sh(`virsh -q snapshot-create-as vm1 ${name} --disk-only --no-metadata`);
    assert.match(await files("vm1"), /vm1-system\.two/);
    assert.ok((await findings()).includes("warning disk-layers vm1"));
    await sh("virsh -q snapshot-create-as vm1 three --disk-only");
    assert.match(await refusal("destroy", "vm1", "--stop"), /snapshots: three; .* --metadata/);
    await sh("virsh -q snapshot-delete vm1 three --metadata");
    await run("destroy", "vm1", "--stop");
    assert.equal(await files("vm1"), "");
    await sh("dnf -y -q remove hello-appliance");
    assert.match(await run("gc", "--grace", "0"), /hello-appliance-1\.0-1/);
    assert.equal(await sh(`ls ${BASES}`), "");
    await sh("dnf -y -q install hello-appliance-1.0");
  });

  it("is updated and rolled back on the layers of a snapshot once the record follows", async () => {
    await create("vm2");
    await sh("virsh -q snapshot-create-as vm2 s --disk-only --no-metadata");
    await sh("dnf -y -q upgrade");
    assert.match(await refusal("update", "vm2", "--stop"), /adopt vm2 updates the record/);
    assert.deepEqual(await findings("--fix"), []);
    // Nothing inside hears that it shall shut down.
    await sh("virsh -q destroy vm2");
    await run("update", "vm2");
    await run("rollback", "vm2");
    await sh('virsh -q start vm2; test "$(virsh domstate vm2 | head -n 1)" = running');
    assert.match(await sh("virsh domblklist vm2"), /vm2-\S+\.s\n/);
    assert.deepEqual(await findings(), []);
    await run("destroy", "vm2", "--stop");
    assert.equal(await files("vm2"), "");
  });

  it("follows blockcopy --pivot while it runs", async () => {
    await create("vm3");
    const target = (await sh("virsh -q domblklist vm3 | awk '/system/ { print $1 }'")).trim();
    await sh(
      `virsh -q blockcopy vm3 ${target} /srv/fast/vm3.qcow2 --format qcow2 --transient-job --wait --pivot`,
    );
    const found = await findings();
    assert.ok(found.includes("warning disk-moved vm3"), found.join());
    await run("adopt", "vm3");
    assert.deepEqual(await findings(), []);
    await run("grow", "vm3", target, "+1M");
    await sh("virsh -q destroy vm3");
    await run("update", "vm3");
    await run("accept", "vm3");
    assert.deepEqual(
      (await findings()).filter((line) => line.includes("vm3")),
      [],
    );
    await run("destroy", "vm3");
    // What blockcopy copied from is an image on the old base: gc rightly keeps that for as long.
    await sh(`rm ${DISKS}/vm3-system.qcow2`);
  });

  it("follows virsh edit to a volume of another pool", async () => {
    await create("vm4", "--no-start");
    await sh(`
      virsh -q pool-create-as fast dir --target /srv/fast
      file=$(virsh -q domblklist vm4 | awk '/system/ { print $2 }')
      mv "$file" /srv/fast/vm4.qcow2; virsh -q pool-refresh fast
      virsh dumpxml --inactive vm4 >/tmp/vm4.xml
      perl -0pi -e "s,<disk type='file'( device='disk'>\\s*<driver[^>]*>\\s*)<source file='$file'/>,<disk type='volume'\\$1<source pool='fast' volume='vm4.qcow2'/>," /tmp/vm4.xml
      virsh -q define /tmp/vm4.xml
      virsh dumpxml --inactive vm4 | grep -q "pool='fast' volume='vm4.qcow2'"
    `);
    assert.deepEqual(await findings(), ["warning disk-moved vm4"]);
    assert.deepEqual(await findings("--fix"), []);
    assert.match(await run("show-vm", "vm4"), /\/srv\/fast\/vm4.qcow2/);
    await run("update", "vm4");
    await run("export", "vm4", "-o", "/srv/exported");
    await run("destroy", "vm4");
    assert.equal(await files("vm4"), "");
  });

  it("leaves nothing that doctor does not find when virsh removes it with its storage", async () => {
    await sh(`
      dnf -y -q install hello-appliance-1.0; dnf -y -q upgrade
      virsh -q pool-create-as images dir --target ${DISKS}
    `);
    await create("vm5", "--no-start");
    await run("update", "vm5");
    await sh("virsh -q undefine vm5 --remove-all-storage");
    const left = await files("vm5");
    assert.match(left, /vm5-system/);
    assert.ok((await findings()).some((line) => line.startsWith("warning orphan-file")));
    assert.deepEqual(await findings("--fix"), []);
    assert.equal(await files("vm5"), "");
    assert.equal(await sh("ls /var/lib/virt-appliance/definitions"), "");
  });

  it("does not keep gc from what a dangling image cannot need", async () => {
    await sh(`
      virsh list --all --name
      qemu-img create -q -u -f qcow2 -b ${DISKS}/gone.qcow2 -F qcow2 ${DISKS}/dangling.qcow2 16M
      dnf -y -q remove hello-appliance
    `);
    const { stdout, stderr } = await testHost.virtAppliance(["gc", "--grace", "0"]);
    assert.match(stdout, /hello-appliance-1\.1-1/);
    assert.equal(await sh(`ls ${BASES}; rm ${DISKS}/dangling.qcow2`), "", `${stdout}${stderr}`);
  });
});
