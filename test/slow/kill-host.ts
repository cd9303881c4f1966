import assert from "node:assert/strict";
import { openVmLaboratory, type VmLaboratory } from "../e2e/host-vm.ts";

export const DISKS = "/var/lib/libvirt/images";
/** Options of `create`. The guest needs no network, and that of the simulated host is not started. */
export const OPTIONS: readonly string[] = ["--virt-type", "qemu", "--network", "none"];
const STATE = "/var/lib/virt-appliance";
const JOURNAL = `${STATE}/journal`;
const SAVED = "/srv/saved";
const KILLED = 128 + 9;
/** The only environment variable that systemd sets for a system service. */
const BOOT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Point at which the program is killed. Steps are those of its plan, from 1; `kind` names the kind of step. */
export type KillPoint =
  /** `filesMade`: how many files the steps before it created; each one adds an entry to the journal. */
  | {
      readonly at: "before step";
      readonly step: number | "last" | "last but one";
      readonly kind: string;
      readonly filesMade: number;
    }
  | {
      readonly at: "before rename";
      readonly step: number;
      readonly kind: string;
      readonly filesMade: number;
    }
  | {
      readonly at: "before fsync" | "when a file has content";
      readonly step: number;
      readonly kind: string;
      /** The file; for the latter as a pattern that matches none at first. */
      readonly path: string;
    }
  /** When the step first removes a folder. */
  | { readonly at: "before rmdir"; readonly step: number; readonly kind: string }
  /** The journal has no entry any more. */
  | { readonly at: "after the last step" };

/** A call of the kernel, instead of which the program is killed. */
interface KilledCall {
  readonly call: "fsync" | "rmdir";
  /** File or folder that the call is about. Default: any. */
  readonly path?: string;
  /** Which of these calls, from 1. */
  readonly count: number;
}

/** A simulated host in which the installed program is killed. */
export interface KillHost extends VmLaboratory {
  /** Keeps a copy of the VM vm1, which is off. */
  readonly keepVm1: (as: string) => Promise<void>;
  /** Removes every VM and what commands left, and puts vm1 back as it was kept. */
  readonly reset: (vm1?: string) => Promise<void>;
  /** Runs the program, kills it and nothing else, and checks that the journal names the step of the point. */
  readonly runAndKill: (args: readonly string[], point: KillPoint) => Promise<void>;
  /** Entries of the journal: command, number of the last step that was begun, and its kind. */
  readonly journal: () => Promise<readonly string[]>;
  /** Runs the commands of the installed systemd units, as at boot; returns their standard error. */
  readonly runBootServices: () => Promise<string>;
  readonly snapshot: () => Promise<Snapshot>;
  /** Names of the files of VMs in the folder of disks. */
  readonly disks: () => Promise<readonly string[]>;
  /** Checks that every image is valid, that these are the VMs, and that `doctor` reports nothing. */
  readonly assertConsistent: (vms: readonly string[]) => Promise<void>;
  /** Starts a VM, waits until it is off, and returns what its guest printed: `1.0 boot 2`. */
  readonly boot: (vm: string) => Promise<string>;
  /** The same for a VM that was started already. */
  readonly consoleOf: (vm: string) => Promise<string>;
}

/** State of a host, to be compared. */
export interface Snapshot {
  /** Path of each file, and the digests of bases and of the data disk. */
  readonly files: string;
  readonly domains: string;
}

const snapshotFiles = `
cd / && find var/lib/libvirt/images var/lib/virt-appliance usr/share/virt-appliance/catalog.d \\
  usr/share/osinfo/os/virt-appliance tmp srv -xdev \\
  -not -path 'srv/saved*' -not -path '*/virt-appliance/locks*' -not -path '*/lib/virt-appliance/lock' \\
  -not -path var/lib/virt-appliance/definitions -not -path var/lib/virt-appliance/journal \\
  -not -name trace | LC_ALL=C sort
sha256sum ${DISKS}/appliances/base/* ${DISKS}/vm1-data.qcow2 2>/dev/null || :`;

const snapshotDomains = `
for vm in $(virsh list --all --name); do
  virsh -q dumpxml --inactive --security-info $vm; virsh -q domstate $vm
done`;

const keepVm1 = `
mkdir -p "${SAVED}/$1"
cp -a --sparse=always ${DISKS}/vm1-* "${SAVED}/$1"
[ ! -d ${STATE}/definitions ] || cp -a ${STATE}/definitions "${SAVED}/$1"
virsh -q dumpxml --inactive --security-info vm1 >"${SAVED}/$1/domain.xml"`;

const reset = `
for vm in $(virsh list --all --name); do
  virsh -q destroy $vm; virsh -q undefine $vm
done >/dev/null 2>&1
rm -rf /usr/local/bin/qemu-img ${DISKS}/vm* ${DISKS}/.vm* ${STATE}/definitions ${STATE}/journal /srv/out /srv/.out.exporting*
rm -f ${STATE}/*/*-appliance-*-2* ${DISKS}/appliances/base/*-appliance-*-2-*
rm -rf /usr/share/virt-appliance/catalog.d/*-2 ${DISKS}/appliances/payload/*/*-2 ${DISKS}/appliances/payload/copy-*
rm -f /usr/share/osinfo/os/virt-appliance/*-2.xml
# libvirt takes the base of a VM that virt-install made.
chown root:root ${DISKS}/appliances/base/*
mkdir -m 700 ${STATE}/journal
rpm -q --quiet hello-appliance-1.1 || dnf -y -q install hello-appliance-1.1
[ $# -eq 0 ] || {
  cp -a --sparse=always "${SAVED}/$1"/vm1-* ${DISKS}
  [ ! -d "${SAVED}/$1/definitions" ] || cp -a "${SAVED}/$1/definitions" ${STATE}
  virsh -q define "${SAVED}/$1/domain.xml"
}`;

const killWhenFileHasContent = `
until [ -s $1 ]; do sleep 0.01; done
kill -KILL "$(pgrep -o -f "^/usr/bin/node /usr/share/virt-appliance/.* $2")"`;

const checkDisks = `
for disk in ${DISKS}/*.qcow2 ${DISKS}/appliances/base/*.qcow2; do
  [ ! -e "$disk" ] || qemu-img check -q "$disk"
done`;

/** strace ends as what it traced did. A single thread works on files, so that their calls can be counted. */
function straceOf({ call, path, count }: KilledCall): readonly string[] {
  const command = ["env", "UV_THREADPOOL_SIZE=1", "strace", "-f", "-qq", "-o", "/tmp/trace"];
  const about = path === undefined ? [] : ["-P", path];
  const inject = `inject=${call}:signal=SIGKILL:when=${count}`;
  return [...command, ...about, "-e", `trace=${call}`, "-e", inject];
}

/**
 * Returns the call before which the journal on the disk is as the point says. Each entry of the journal syncs its
 * folder: one for the plan, one for each step that is begun, one for each file that a step created under a temporary
 * name, and one when all is done.
 *
 * @param planned  steps of the command, as it prints them, for points that are counted from the end
 */
function callOf(point: KillPoint, planned: readonly string[]): KilledCall {
  const journalEntry = (count: number): KilledCall => ({ call: "fsync", path: JOURNAL, count });
  const filesMade = (steps: readonly string[]): number =>
    steps.filter((step) => /^(?:place|write) /.test(step)).length;
  switch (point.at) {
    case "before rmdir":
      return { call: "rmdir", count: 1 };
    case "before fsync":
    case "when a file has content":
      return { call: "fsync", path: point.path, count: 1 };
    case "after the last step":
      return journalEntry(1 + planned.length + filesMade(planned) + 1);
    case "before rename":
      return journalEntry(1 + point.step + point.filesMade + 1);
    case "before step":
      break;
  }
  if (typeof point.step === "number") return journalEntry(1 + point.step + point.filesMade);
  const step = stepNumber(point.step, planned);
  return journalEntry(1 + step + filesMade(planned.slice(0, step - 1)));
}

function stepNumber(step: number | "last" | "last but one", planned: readonly string[]): number {
  if (typeof step === "number") return step;
  return step === "last" ? planned.length : planned.length - 1;
}

/** Runs the program on a host and kills it. */
async function runAndKill(
  { host, virtAppliance }: VmLaboratory,
  args: readonly string[],
  point: KillPoint,
): Promise<readonly string[]> {
  const isCounted = point.at !== "after the last step" && typeof point.step === "number";
  const planned = isCounted
    ? []
    : (await virtAppliance([...args, "--dry-run"])).stdout.trimEnd().split("\n");
  const traced = point.at === "when a file has content" ? [] : straceOf(callOf(point, planned));
  // A shell between, since timeout(1) ends itself as its child ended.
  const shell = ["sh", "-c", '"$@"; exit $?', "sh", ...traced];
  const running = host.run([...shell, "virt-appliance", ...args], { accept: "any" });
  if (point.at === "when a file has content")
    await host.sh(killWhenFileHasContent, point.path, args.join(" "));
  const killed = await running;
  assert.equal(killed.exitCode, KILLED, `${JSON.stringify(point)}\n${killed.stderr}`);
  // Programs that it had started run to their end.
  await host.sh("while pgrep -x 'qemu-img|cp' >/dev/null; do sleep 0.05; done");
  if (point.at === "after the last step") return [];
  return [`${args[0] ?? ""} ${stepNumber(point.step, planned)} ${point.kind}`];
}

async function journalOf({ host }: VmLaboratory): Promise<readonly string[]> {
  const { stdout } = await host.sh(`find ${JOURNAL} -name '*.json' -exec cat {} +`);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const record = JSON.parse(line) as { verb: string; begun: number; steps: { kind: string }[] };
    return `${record.verb} ${record.begun} ${record.steps[record.begun - 1]?.kind ?? ""}`;
  });
}

async function runBootServices({ host }: VmLaboratory): Promise<string> {
  let said = "";
  // In the order that the first one asks for.
  for (const name of ["recover", "reconcile"]) {
    const unit = await host.readText(`/usr/lib/systemd/system/virt-appliance-${name}.service`);
    const [, command = ""] = /^ExecStart=(\/[^"'\\$%\n]*)$/m.exec(unit) ?? assert.fail(unit);
    const [, folder = ""] = /^ConditionDirectoryNotEmpty=(.*)$/m.exec(unit) ?? assert.fail(unit);
    const { stdout } = await host.sh(`ls -A ${folder}`);
    if (stdout === "") continue;
    const { stderr } = await host.run(["env", "-i", BOOT_PATH, ...command.split(" ")]);
    said += stderr;
  }
  return said;
}

/** Opens a host in which two versions are installed, and the command line from its package. */
export async function openKillHost(): Promise<KillHost> {
  const vmHost = await openVmLaboratory(["1.0", "1.1"], "package");
  const { host, virtAppliance, untilOff } = vmHost;
  await host.sh("dnf -y -q install hello-appliance-1.0 && dnf -y -q install hello-appliance-1.1");
  const consoleOf = async (vm: string): Promise<string> => {
    const console = await untilOff(vm);
    return /hello-appliance (.*boot \d+)/.exec(console)?.[1] ?? console;
  };
  const journal = (): Promise<readonly string[]> => journalOf(vmHost);
  return {
    ...vmHost,
    keepVm1: async (as) => void (await host.sh(keepVm1, as)),
    reset: async (...vm1) => void (await host.sh(reset, ...vm1.filter((one) => one !== undefined))),
    runAndKill: async (args, point) => {
      const expected = await runAndKill(vmHost, args, point);
      assert.deepEqual(await journal(), expected);
    },
    journal,
    runBootServices: () => runBootServices(vmHost),
    snapshot: async () => ({
      files: (await host.sh(snapshotFiles)).stdout,
      domains: (await host.sh(snapshotDomains)).stdout,
    }),
    disks: async () => {
      const { stdout } = await host.sh(`ls ${DISKS}`);
      return stdout.split("\n").filter((name) => name !== "" && name !== "appliances");
    },
    assertConsistent: async (vms) => {
      await host.sh(checkDisks);
      const { stdout } = await virtAppliance(["vms", "--json"]);
      const listed = (JSON.parse(stdout) as { vm: string }[]).map(({ vm }) => vm);
      assert.deepEqual(listed, vms);
      const doctor = await virtAppliance(["doctor"], { accept: "any" });
      assert.equal(doctor.stdout, "");
    },
    boot: async (vm) => {
      await host.sh("virsh -q start $1", vm);
      return consoleOf(vm);
    },
    consoleOf,
  };
}
