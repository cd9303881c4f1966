import { DISKS, type KillHost, type KillPoint, OPTIONS } from "../fixtures/kill-host.ts";

/** One row of the table. */
export type KillCase = readonly [
  killed: KillPoint,
  /** The services that systemd starts at boot, or the same command once more. */
  next: "boot services" | "same command",
  /** `next` prints "an interrupted COMMAND was undone", the same with "finished", or nothing of the kind. */
  recovery: "undone" | "finished" | "none",
  /** Same files and domains as before the command, and the VM boots; or the state `whenDone`. */
  host: "as before" | "as when done",
];

/** Expected state of the host. */
export interface HostState {
  /** Names of the files of VMs in the folder of disks. */
  readonly disks: readonly string[];
  readonly vms: readonly string[];
  /** Boots a guest for real, if it does not run yet. */
  readonly boot: (host: KillHost) => Promise<string>;
  /** Printed by the guest: its version, and how often its data disk was booted. */
  readonly guestPrints: string;
}

/** A command of virt-appliance, and the points at which it is killed. */
export interface CommandCases {
  readonly command: readonly string[];
  /** The VM vm1 on the host, which is off. Default: no VM. */
  readonly vm1?: KeptVm;
  /** Shell commands that are run before. */
  readonly prepare?: string;
  /** State of the host after the command. */
  readonly whenDone: HostState;
  readonly kills: readonly KillCase[];
}

/** VMs that the host keeps a copy of, each booted once as 1.0: by create, the same updated to 1.1, and by virt-install. */
export type KeptVm = "1.0" | "updated to 1.1" | "by virt-install";

/** Before step N of the plan: the journal on the disk says that it was started, and it has done nothing. */
function beforeStep(
  step: number | "last" | "last but one",
  kind: string,
  { filesMade = 0 }: { filesMade?: number } = {},
): KillPoint {
  return { at: "before step", step, kind, filesMade };
}

/** In step N, which has written its file under a temporary name, and said so in the journal. */
function beforeRename(step: number, kind: string, { filesMade }: { filesMade: number }): KillPoint {
  return { at: "before rename", step, kind, filesMade };
}

const AT_1_0 = ["vm1-data.qcow2", "vm1-scratch.qcow2", "vm1-system.qcow2"];
const AT_1_1 = ["vm1-1.1-1-scratch.qcow2", "vm1-1.1-1-system.qcow2", "vm1-data.qcow2"];

const startVm1 = (host: KillHost): Promise<string> => host.boot("vm1");
/** For a command that has started vm1. */
const runningVm1 = (host: KillHost): Promise<string> => host.consoleOf("vm1");

/** Creates a VM, replaces its data disk with the one that was kept, and boots it. */
async function createVm2WithKeptData({ virtAppliance, host, boot }: KillHost): Promise<string> {
  await virtAppliance(["create", "hello-1.0", "vm2", ...OPTIONS, "--no-start"]);
  await host.sh(`mv ${DISKS}/vm1-data.qcow2 ${DISKS}/vm2-data.qcow2`);
  return boot("vm2");
}

/** Creates vm1 from an appliance: what the command left does not hinder that. */
function createVm1(appliance: string): (host: KillHost) => Promise<string> {
  return async ({ virtAppliance, consoleOf }) => {
    await virtAppliance(["create", appliance, "vm1", ...OPTIONS]);
    return consoleOf("vm1");
  };
}

/** Installs what was exported, and boots the VM and one created from the export. */
async function bootOriginalAndCopy({ virtAppliance, boot }: KillHost): Promise<string> {
  await virtAppliance(["install", "/srv/out", "--release", "2"]);
  await virtAppliance(["create", "copy", "vm2", ...OPTIONS, "--no-start"]);
  return `${await boot("vm1")}, ${await boot("vm2")}`;
}

/** Updates vm1: gc has removed no base that this needs. */
async function updateVm1({ host, virtAppliance, boot }: KillHost): Promise<string> {
  await host.sh("dnf -y -q install hello-appliance-1.1");
  await virtAppliance(["update", "vm1"]);
  return boot("vm1");
}

const nothingLeft = { disks: [], vms: [] };

/** Every command that changes a VM, its disks, or the files of an appliance. */
export const killCases: readonly CommandCases[] = [
  {
    command: ["create", "hello-1.0", "vm1", ...OPTIONS],
    whenDone: { disks: AT_1_0, vms: ["vm1"], boot: runningVm1, guestPrints: "1.0 boot 1" },
    kills: [
      [beforeRename(2, "copy-file", { filesMade: 1 }), "boot services", "undone", "as before"],
      [beforeStep(5, "start-domain", { filesMade: 3 }), "same command", "undone", "as when done"],
    ],
  },
  {
    command: ["destroy", "vm1", "--stop"],
    vm1: "1.0",
    prepare: "virsh -q start vm1 && virsh -q suspend vm1",
    whenDone: { ...nothingLeft, boot: createVm1("hello-1.0"), guestPrints: "1.0 boot 1" },
    kills: [
      [beforeStep(2, "undefine-domain"), "same command", "undone", "as when done"],
      [beforeStep(4, "remove-file"), "boot services", "finished", "as when done"],
    ],
  },
  {
    command: ["destroy", "vm1"],
    vm1: "1.0",
    whenDone: { ...nothingLeft, boot: createVm1("hello-1.0"), guestPrints: "1.0 boot 1" },
    kills: [[beforeStep(1, "undefine-domain"), "boot services", "undone", "as before"]],
  },
  {
    command: ["destroy", "vm1", "--keep-data"],
    vm1: "1.0",
    whenDone: {
      disks: ["vm1-data.qcow2"],
      vms: [],
      boot: createVm2WithKeptData,
      guestPrints: "1.0 boot 2",
    },
    kills: [
      [beforeStep(1, "undefine-domain"), "same command", "undone", "as when done"],
      [beforeStep(2, "remove-file"), "boot services", "finished", "as when done"],
    ],
  },
  {
    command: ["update", "vm1", "--start"],
    vm1: "1.0",
    whenDone: {
      disks: [...AT_1_1.slice(0, 2), ...AT_1_0],
      vms: ["vm1"],
      boot: runningVm1,
      guestPrints: "1.1 boot 2",
    },
    kills: [
      [beforeStep(4, "define-domain", { filesMade: 2 }), "boot services", "undone", "as before"],
      [beforeStep(5, "start-domain", { filesMade: 2 }), "same command", "undone", "as when done"],
    ],
  },
  {
    command: ["rollback", "vm1", "--start"],
    vm1: "updated to 1.1",
    whenDone: { disks: AT_1_0, vms: ["vm1"], boot: runningVm1, guestPrints: "1.0 boot 2" },
    kills: [
      [beforeStep(2, "start-domain"), "boot services", "undone", "as before"],
      [beforeStep(4, "remove-file"), "boot services", "finished", "as when done"],
    ],
  },
  {
    command: ["accept", "vm1"],
    vm1: "updated to 1.1",
    whenDone: { disks: AT_1_1, vms: ["vm1"], boot: startVm1, guestPrints: "1.1 boot 2" },
    kills: [
      [beforeStep(1, "define-domain"), "same command", "undone", "as when done"],
      [beforeStep(3, "remove-file"), "boot services", "finished", "as when done"],
    ],
  },
  {
    command: ["grow", "vm1", "data", "96M"],
    vm1: "1.0",
    whenDone: { disks: AT_1_0, vms: ["vm1"], boot: startVm1, guestPrints: "1.0 boot 2" },
    kills: [
      [beforeStep(1, "grow-disk"), "boot services", "undone", "as before"],
      [
        // The file is larger already, and not synced to the disk.
        {
          at: "before fsync",
          path: `${DISKS}/vm1-data.qcow2`,
          step: 1,
          kind: "grow-disk",
        },
        "same command",
        "undone",
        "as when done",
      ],
    ],
  },
  {
    command: ["adopt", "vm1", "--disk", "data=vdb"],
    vm1: "by virt-install",
    whenDone: {
      disks: ["vm1-data.qcow2", "vm1-system.qcow2"],
      vms: ["vm1"],
      boot: startVm1,
      guestPrints: "1.0 boot 2",
    },
    kills: [
      [beforeStep(1, "define-domain"), "boot services", "undone", "as before"],
      [
        // libvirt has the new definition; the temporary folder with its XML is not removed.
        { at: "before rmdir", step: 1, kind: "define-domain" },
        "same command",
        "undone",
        "as when done",
      ],
    ],
  },
  {
    command: ["export", "vm1", "-o", "/srv/out", "--name", "copy"],
    vm1: "1.0",
    whenDone: {
      disks: AT_1_0,
      vms: ["vm1"],
      boot: bootOriginalAndCopy,
      guestPrints: "1.0 boot 2, 1.0 boot 2",
    },
    kills: [
      [
        // The first disk is complete; the second one is written under a temporary name.
        {
          at: "in the conversion",
          path: `${DISKS}/vm1-data.qcow2`,
          step: 3,
          kind: "flatten-disk",
        },
        "boot services",
        "undone",
        "as before",
      ],
      [beforeStep(5, "move-folder", { filesMade: 1 }), "same command", "undone", "as when done"],
    ],
  },
  {
    command: ["gc", "--grace", "0"],
    vm1: "1.0",
    prepare: "dnf -y -q remove hello-appliance-1.1",
    whenDone: { disks: AT_1_0, vms: ["vm1"], boot: updateVm1, guestPrints: "1.1 boot 2" },
    kills: [
      [beforeStep(3, "confirm-unused"), "boot services", "undone", "as before"],
      [beforeStep(5, "remove-file"), "boot services", "finished", "as when done"],
    ],
  },
  {
    command: ["install", "/srv/built/hello-1.1.tar.gz", "--release", "2"],
    whenDone: { ...nothingLeft, boot: createVm1("hello-1.1-2"), guestPrints: "1.1 boot 1" },
    kills: [
      [beforeStep("last but one", "place-file"), "boot services", "undone", "as before"],
      [beforeStep("last", "write-file"), "same command", "undone", "as when done"],
      [
        // Every file is in its place, and `reconcile`, the next boot service, has made no base.
        { at: "after the last step" },
        "boot services",
        "none",
        "as when done",
      ],
    ],
  },
  {
    command: ["uninstall", "hello-1.1-2"],
    prepare: "virt-appliance install /srv/built/hello-1.1.tar.gz --release 2",
    whenDone: { ...nothingLeft, boot: createVm1("hello-1.1"), guestPrints: "1.1 boot 1" },
    kills: [
      [beforeStep(3, "set-aside"), "boot services", "undone", "as before"],
      [beforeStep(5, "remove-file"), "boot services", "finished", "as when done"],
    ],
  },
];
