import assert from "node:assert/strict";
import { BASES, openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const POOL = "/srv/small";
const OPTIONS = ["--virt-type", "qemu", "--network", "none", "--pool", "small"] as const;
const SYSTEM = `${POOL}/vm1-system.qcow2`;
const DATA = `${POOL}/vm1-data.qcow2`;
const baseOf = (version: string): string => `${BASES}/hello-appliance-${version}-1-system.qcow2`;

/** Something that stands in the way, brought about with the real tools. */
interface Obstacle {
  /** Lines of shell. */
  readonly make: string;
  readonly clear: string;
  readonly reasons: readonly RegExp[];
  readonly options?: readonly string[];
}

const paused = "virsh -q start vm1; virsh -q suspend vm1";

const obstacles: Readonly<Record<string, Obstacle>> = {
  "it runs, and --stop was not said": {
    make: paused,
    clear: "virsh -q destroy vm1",
    reasons: [/it is running; shut it down, or use --stop/],
  },
  "it stands still, and cannot hear that it shall shut down": {
    make: paused,
    clear: "virsh -q destroy vm1",
    reasons: [/it is paused; resume it with virsh resume vm1/],
    options: ["--stop"],
  },
  "a run of it was saved": {
    make: `${paused}; virsh -q managedsave vm1`,
    clear: "virsh -q managedsave-remove vm1",
    reasons: [/it has a saved state; .*virsh managedsave-remove vm1/],
  },
  "it has a snapshot of libvirt's, which lies inside its images": {
    make: "virsh -q snapshot-create-as vm1 before-lunch",
    clear: "virsh -q snapshot-delete vm1 before-lunch",
    reasons: [
      /it has snapshots: before-lunch/,
      /disk system: \/srv\/small\/vm1-system.qcow2 has 1 internal snapshot/,
      /disk data: \/srv\/small\/vm1-data.qcow2 has 1 internal snapshot/,
    ],
  },
  "it has an external snapshot: another file is its system disk": {
    make: `virsh -q dumpxml --inactive vm1 >/tmp/vm1.xml
      virsh -q snapshot-create-as vm1 outside --disk-only --diskspec vdb,snapshot=no --diskspec vdc,snapshot=no`,
    clear: `virsh -q snapshot-delete vm1 outside --metadata; virsh -q define /tmp/vm1.xml; rm ${POOL}/*.outside`,
    reasons: [
      /it has snapshots: outside/,
      /disk system: the domain has \/srv\/small\/vm1-system.outside at vda, expected/,
    ],
  },
  "somebody else's tool made a snapshot inside an image": {
    make: `qemu-img snapshot -c inside ${DATA}`,
    clear: `qemu-img snapshot -d inside ${DATA}`,
    reasons: [/disk data: .*vm1-data.qcow2 has 1 internal snapshot; .*qemu-img snapshot -d/],
  },
  "a block job is active": {
    make: `${paused}; virsh -q blockcopy vm1 vdb ${POOL}/copy --format raw --transient-job --bytes --bandwidth 1`,
    clear: `virsh -q blockjob vm1 vdb --abort; virsh -q destroy vm1; rm -f ${POOL}/copy`,
    reasons: [/a block job is active on vdb; wait until it ends/],
    options: ["--stop"],
  },
  "the base that it rests on is missing": {
    make: `mv ${baseOf("1.0")} /srv/away`,
    clear: `mv /srv/away ${baseOf("1.0")}`,
    reasons: [/base .*hello-appliance-1.0-1-system.qcow2 is missing/],
  },
  "the base that it would rest on was changed": {
    make: `cp -p ${baseOf("1.1")} /srv/kept; printf x | dd of=${baseOf("1.1")} conv=notrunc status=none`,
    clear: `mv /srv/kept ${baseOf("1.1")}`,
    reasons: [/base .*hello-appliance-1.1-1-system.qcow2 was changed: its SHA-256 is/],
  },
  "a file has the name of a disk to be made": {
    make: `echo mine >${POOL}/vm1-1.1-1-system.qcow2`,
    clear: `rm ${POOL}/vm1-1.1-1-system.qcow2`,
    reasons: [/\/srv\/small\/vm1-1.1-1-system.qcow2: the file exists/],
  },
  "there is not enough space for the whole plan": {
    make: `dd if=/dev/zero of=${POOL}/full bs=64k status=none || :; truncate -s -1M ${POOL}/full`,
    clear: `rm ${POOL}/full`,
    reasons: [/\/srv\/small: [\d.]+ [KMG]iB are free, the new disks need [\d.]+ [KMG]iB/],
  },
  "all of it at once": {
    make: `virsh -q snapshot-create-as vm1 before-lunch
      mv ${baseOf("1.0")} /srv/away
      cp -p ${baseOf("1.1")} /srv/kept; printf x | dd of=${baseOf("1.1")} conv=notrunc status=none
      echo mine >${POOL}/vm1-1.1-1-system.qcow2
      dd if=/dev/zero of=${POOL}/full bs=64k status=none || :; truncate -s -1M ${POOL}/full`,
    clear: `rm ${POOL}/full ${POOL}/vm1-1.1-1-system.qcow2; mv /srv/kept ${baseOf("1.1")}
      mv /srv/away ${baseOf("1.0")}; virsh -q snapshot-delete vm1 before-lunch`,
    reasons: [
      /it has snapshots: before-lunch/,
      /disk data: .*has 1 internal snapshot/,
      /1.0-1-system.qcow2 is missing/,
      /1.1-1-system.qcow2 was changed/,
      /vm1-1.1-1-system.qcow2: the file exists/,
      / are free, the new disks need/,
    ],
  },
};

describe("an update of a real VM is refused, and changes nothing, when", function () {
  this.timeout(600_000);
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0", "1.1"]);
    const { host, virtAppliance, untilOff } = testHost;
    await host.sh(`dnf -y -q install hello-appliance-1.0 hello-appliance-1.1
      mkdir ${POOL}; mount -t tmpfs -o size=24m,mode=755 small ${POOL}
      virsh -q pool-define-as small dir --target ${POOL}; virsh -q pool-start small`);
    await virtAppliance(["create", "hello-1.0", "vm1", ...OPTIONS]);
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 1\r?\n/);
  });
  after(async () => {
    await testHost.host.sh(`umount ${POOL} || :`);
    await testHost[Symbol.asyncDispose]();
  });

  /** All that an update could change. */
  const state = async (): Promise<string> => {
    const script = `virsh -q dumpxml --inactive vm1; ls ${POOL} ${BASES} /var/lib/virt-appliance/journal
      [ "$(virsh domstate vm1)" != "shut off" ] || sha256sum ${SYSTEM} ${DATA}; virsh -q domstate vm1`;
    return (await testHost.host.sh(script)).stdout;
  };

  for (const [when, { make, clear, reasons, options = [] }] of Object.entries(obstacles)) {
    it(when, async () => {
      const { host, virtAppliance } = testHost;
      await host.sh(make);
      const before = await state();
      const refused = await virtAppliance(["update", "vm1", ...options], { accept: "any" });
      assert.equal(refused.exitCode, 1, refused.stderr);
      assert.match(refused.stderr, /vm1: cannot be updated to hello 1.1-1/);
      for (const reason of reasons) assert.match(refused.stderr, reason);
      assert.equal(await state(), before);
      await host.sh(clear);
    });
  }

  it("an update succeeds once nothing is in its way", async () => {
    const { host, virtAppliance, untilOff } = testHost;
    assert.equal((await virtAppliance(["update", "vm1"])).stdout, "vm1 1.0-1 -> 1.1-1\n");
    await host.sh("virsh -q start vm1");
    assert.match(await untilOff("vm1"), /hello-appliance 1.1 boot 2\r?\n/);
  });
});
