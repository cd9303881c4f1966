import {
  DISKS,
  type KillLaboratory,
  type KillPlace,
  OPTIONS,
  whenBegun,
} from "./host-kill-laboratory.ts";

/** A place at which an operation is killed, and what follows. */
export interface Kill {
  readonly place: KillPlace;
  /** How many steps the journal then says were begun; 0 and less: counted from the end of the plan. */
  readonly begun: number;
  /** The last of them; undefined: the operation was over, and nothing is in the journal. */
  readonly kind: string | undefined;
  /** What comes next: what the shipped units run at boot, or the same command once more. */
  readonly next: "boot" | "again";
  readonly becomes: "undone" | "finished";
}

/** How a host is when an operation is over. */
export interface End {
  /** Names of the files of VMs, below the folder of disks. */
  readonly disks: readonly string[];
  readonly vms: readonly string[];
  /** Boots a VM for real; returns what it said. */
  readonly boot: (laboratory: KillLaboratory) => Promise<string>;
  readonly says: string;
}

/** An operation, and where it is killed. */
export interface Story {
  readonly args: readonly string[];
  /** VM that there is: of version 1.0 and booted once, the same updated to 1.1, or made by virt-install. */
  readonly from?: "old" | "updated" | "plain";
  /** Shell that is run before. */
  readonly prepare?: string;
  /** What the operation makes of it. */
  readonly done: End;
  readonly kills: readonly Kill[];
}

const OLD = ["vm1-data.qcow2", "vm1-scratch.qcow2", "vm1-system.qcow2"];
const NEW = ["vm1-1.1-1-scratch.qcow2", "vm1-1.1-1-system.qcow2", "vm1-data.qcow2"];
const bootVm1 = (laboratory: KillLaboratory): Promise<string> => laboratory.boot("vm1");
/** It was started by the operation. */
const hearVm1 = (laboratory: KillLaboratory): Promise<string> => laboratory.said("vm1");
const begun = (steps: number, kind: string, made = 0): Pick<Kill, "place" | "begun" | "kind"> => ({
  place: whenBegun(steps, made),
  begun: steps,
  kind,
});

/** Makes a VM, gives it the data disk that was left behind, and boots it. */
async function bootWithKeptData({ virtAppliance, host, boot }: KillLaboratory): Promise<string> {
  await virtAppliance(["create", "hello-1.0", "vm2", ...OPTIONS, "--no-start"]);
  await host.sh(`mv ${DISKS}/vm1-data.qcow2 ${DISKS}/vm2-data.qcow2`);
  return boot("vm2");
}

/** Makes a VM of this and boots it. */
function bootFresh(name: string): (laboratory: KillLaboratory) => Promise<string> {
  return async ({ virtAppliance, said }) => {
    await virtAppliance(["create", name, "vm1", ...OPTIONS]);
    return said("vm1");
  };
}

/** Has every conversion last for two seconds more, so that it can be met. */
const slowConversion = `
cat >/usr/local/bin/qemu-img <<'END'
#!/bin/sh
/usr/bin/qemu-img "$@"
status=$?
[ "$1" != convert ] || sleep 2
exit $status
END
chmod 755 /usr/local/bin/qemu-img`;

/** Every operation that touches a VM or its disks. */
export const stories: Readonly<Record<string, Story>> = {
  create: {
    args: ["create", "hello-1.0", "vm1", ...OPTIONS],
    done: { disks: OLD, vms: ["vm1"], boot: hearVm1, says: "1.0 boot 1" },
    kills: [
      {
        // Copied, and still without its name.
        ...begun(2, "copy-file", 2),
        next: "boot",
        becomes: "undone",
      },
      { ...begun(5, "start-domain", 3), next: "again", becomes: "undone" },
    ],
  },
  "destroy --stop": {
    args: ["destroy", "vm1", "--stop"],
    from: "old",
    prepare: "virsh -q start vm1 && virsh -q suspend vm1",
    done: { disks: [], vms: [], boot: bootFresh("hello-1.0"), says: "1.0 boot 1" },
    kills: [
      { ...begun(2, "undefine-domain"), next: "again", becomes: "undone" },
      { ...begun(4, "remove-file"), next: "boot", becomes: "finished" },
    ],
  },
  destroy: {
    args: ["destroy", "vm1"],
    from: "old",
    done: { disks: [], vms: [], boot: bootFresh("hello-1.0"), says: "1.0 boot 1" },
    kills: [{ ...begun(1, "undefine-domain"), next: "boot", becomes: "undone" }],
  },
  "destroy --keep-data": {
    args: ["destroy", "vm1", "--keep-data"],
    from: "old",
    done: { disks: ["vm1-data.qcow2"], vms: [], boot: bootWithKeptData, says: "1.0 boot 2" },
    kills: [
      { ...begun(1, "undefine-domain"), next: "again", becomes: "undone" },
      { ...begun(2, "remove-file"), next: "boot", becomes: "finished" },
    ],
  },
  update: {
    args: ["update", "vm1", "--start"],
    from: "old",
    done: {
      disks: [...NEW.slice(0, 2), ...OLD],
      vms: ["vm1"],
      boot: hearVm1,
      says: "1.1 boot 2",
    },
    kills: [
      { ...begun(4, "define-domain", 2), next: "boot", becomes: "undone" },
      { ...begun(5, "start-domain", 2), next: "again", becomes: "undone" },
    ],
  },
  rollback: {
    args: ["rollback", "vm1", "--start"],
    from: "updated",
    done: { disks: OLD, vms: ["vm1"], boot: hearVm1, says: "1.0 boot 2" },
    kills: [
      { ...begun(2, "start-domain"), next: "boot", becomes: "undone" },
      { ...begun(4, "remove-file"), next: "boot", becomes: "finished" },
    ],
  },
  accept: {
    args: ["accept", "vm1"],
    from: "updated",
    done: { disks: NEW, vms: ["vm1"], boot: bootVm1, says: "1.1 boot 2" },
    kills: [
      { ...begun(1, "define-domain"), next: "again", becomes: "undone" },
      { ...begun(3, "remove-file"), next: "boot", becomes: "finished" },
    ],
  },
  grow: {
    args: ["grow", "vm1", "data", "96M"],
    from: "old",
    done: { disks: OLD, vms: ["vm1"], boot: bootVm1, says: "1.0 boot 2" },
    kills: [
      { ...begun(1, "grow-disk"), next: "boot", becomes: "undone" },
      {
        // It is larger already, and not yet known to be so on the disk.
        place: { call: "fsync", path: `${DISKS}/vm1-data.qcow2`, count: 1 },
        begun: 1,
        kind: "grow-disk",
        next: "again",
        becomes: "undone",
      },
    ],
  },
  adopt: {
    args: ["adopt", "vm1", "--disk", "data=vdb"],
    from: "plain",
    done: {
      disks: ["vm1-data.qcow2", "vm1-system.qcow2"],
      vms: ["vm1"],
      boot: bootVm1,
      says: "1.0 boot 2",
    },
    kills: [
      { ...begun(1, "define-domain"), next: "boot", becomes: "undone" },
      {
        // Defined, and the folder with the definition not yet gone.
        place: { call: "rmdir", count: 1 },
        begun: 1,
        kind: "define-domain",
        next: "again",
        becomes: "undone",
      },
    ],
  },
  export: {
    args: ["export", "vm1", "-o", "/srv/out", "--name", "copy"],
    from: "old",
    prepare: slowConversion,
    done: {
      disks: OLD,
      vms: ["vm1"],
      boot: async (laboratory) => {
        const { virtAppliance, boot } = laboratory;
        await virtAppliance(["install", "/srv/out", "--release", "2"]);
        await virtAppliance(["create", "copy", "vm2", ...OPTIONS, "--no-start"]);
        return `${await boot("vm1")}, ${await boot("vm2")}`;
      },
      says: "1.0 boot 2, 1.0 boot 2",
    },
    kills: [
      {
        // The first disk has its name; the second one is being written.
        place: { call: "appears", path: "/srv/.out.exporting-*/system.qcow2", count: 1 },
        begun: 3,
        kind: "flatten-disk",
        next: "boot",
        becomes: "undone",
      },
      { ...begun(5, "move-folder", 1), next: "again", becomes: "undone" },
    ],
  },
  gc: {
    args: ["gc", "--grace", "0"],
    from: "old",
    prepare: "dnf -y -q remove hello-appliance-1.1",
    done: {
      disks: OLD,
      vms: ["vm1"],
      boot: async (laboratory) => {
        await laboratory.host.sh("dnf -y -q install hello-appliance-1.1");
        await laboratory.virtAppliance(["update", "vm1"]);
        return laboratory.boot("vm1");
      },
      says: "1.1 boot 2",
    },
    kills: [
      { ...begun(3, "confirm-unused"), next: "boot", becomes: "undone" },
      { ...begun(5, "remove-file"), next: "boot", becomes: "finished" },
    ],
  },
  install: {
    args: ["install", "/srv/built/hello-1.1.tar.gz", "--release", "2"],
    done: { disks: [], vms: [], boot: bootFresh("hello-1.1-2"), says: "1.1 boot 1" },
    kills: [
      { ...begun(-1, "place-file"), next: "boot", becomes: "undone" },
      { ...begun(0, "write-file"), next: "again", becomes: "undone" },
      // All is in its place, and no base made of it.
      { ...begun(1, ""), kind: undefined, next: "boot", becomes: "finished" },
    ],
  },
  uninstall: {
    args: ["uninstall", "hello-1.1-2"],
    prepare: "virt-appliance install /srv/built/hello-1.1.tar.gz --release 2",
    done: { disks: [], vms: [], boot: bootFresh("hello-1.1"), says: "1.1 boot 1" },
    kills: [
      { ...begun(3, "set-aside"), next: "boot", becomes: "undone" },
      { ...begun(5, "remove-file"), next: "boot", becomes: "finished" },
    ],
  },
};
