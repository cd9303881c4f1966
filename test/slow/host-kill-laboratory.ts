import assert from "node:assert/strict";
import { openVmLaboratory, type VmLaboratory } from "../e2e/host-vm.ts";

export const DISKS = "/var/lib/libvirt/images";
/** The guest has no use for a network, and the simulated host's is not started. */
export const OPTIONS: readonly string[] = ["--virt-type", "qemu", "--network", "none"];
const STATE = "/var/lib/virt-appliance";
const JOURNAL = `${STATE}/journal`;
const SAVED = "/srv/saved";
const KILLED = 128 + 9;
/** What systemd gives to a service of the system, and no more. */
const BOOT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A call of the kernel at which the program is killed: before the call is done. */
export interface KillPlace {
  readonly call: "fsync" | "rmdir" | "appears";
  /** File or folder that the call is about; any when undefined. What `appears`, a pattern, has its first byte. */
  readonly path?: string;
  /** Which of these calls, from 1. */
  readonly count: number;
}

/**
 * Returns the place at which the journal on the disk says that so many steps were begun, and the last of them was not:
 * the folder of the journal is synced when an entry came to it, once for the plan, once for each step, and once more
 * for each step that made a file under its hidden name.
 *
 * @param made  how many files were made before
 */
export function whenBegun(steps: number, made: number): KillPlace {
  return { call: "fsync", path: JOURNAL, count: steps + 1 + made };
}

/** A host in which the program of the package is killed. */
export interface KillLaboratory extends VmLaboratory {
  /** Keeps the VM vm1, which is off, to go back to it. */
  readonly save: (name: string) => Promise<void>;
  /** Takes the host back to a kept VM and nothing else; none: to no VM. */
  readonly reset: (name?: string) => Promise<void>;
  /** Runs the program and kills it, and it alone, at a place. */
  readonly kill: (args: readonly string[], place: KillPlace) => Promise<void>;
  /** What the journal holds: verb, how many steps were begun, and the kind of the last of them. */
  readonly journal: () => Promise<readonly string[]>;
  /** Runs what the shipped units have as their commands, as systemd would at boot; returns what they said. */
  readonly bootUnits: () => Promise<string>;
  /** Every file that is there, and every domain. */
  readonly snapshot: () => Promise<Snapshot>;
  /** Checks what holds after any operation, whatever became of it. */
  readonly assertSound: (vms: readonly string[]) => Promise<void>;
  /** Starts a VM, and returns what it said: `1.0 boot 2`. */
  readonly boot: (vm: string) => Promise<string>;
  /** Returns what a VM said that was started already. */
  readonly said: (vm: string) => Promise<string>;
}

/** What an operation that was undone must leave as it was. */
export interface Snapshot {
  /** Path of each file, and the digest of those that are nobody's to write to. */
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

const save = `
mkdir -p ${SAVED}/$1
cp -a --sparse=always ${DISKS}/vm1-* ${SAVED}/$1
[ ! -d ${STATE}/definitions ] || cp -a ${STATE}/definitions ${SAVED}/$1
virsh -q dumpxml --inactive --security-info vm1 >${SAVED}/$1/domain.xml`;

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
  cp -a --sparse=always ${SAVED}/$1/vm1-* ${DISKS}
  [ ! -d ${SAVED}/$1/definitions ] || cp -a ${SAVED}/$1/definitions ${STATE}
  virsh -q define ${SAVED}/$1/domain.xml
}`;

const killOnAppearance = `
# May be a pattern, of which nothing is there at first.
until [ -s $1 ]; do sleep 0.01; done
kill -KILL "$(pgrep -o -f "^/usr/bin/node /usr/share/virt-appliance/.* $2")"`;

const checkDisks = `
for disk in ${DISKS}/*.qcow2 ${DISKS}/appliances/base/*.qcow2; do
  [ ! -e "$disk" ] || qemu-img check -q "$disk"
done`;

/** strace ends as what it traced did. A single thread works on files, so that their calls can be counted. */
function straceOf({ call, path, count }: KillPlace): readonly string[] {
  const command = ["env", "UV_THREADPOOL_SIZE=1", "strace", "-f", "-qq", "-o", "/tmp/trace"];
  const about = path === undefined ? [] : ["-P", path];
  const inject = `inject=${call}:signal=SIGKILL:when=${count}`;
  return [...command, ...about, "-e", `trace=${call}`, "-e", inject];
}

/** Opens a host in which two versions are installed, and the command line by its package. */
export async function openKillLaboratory(): Promise<KillLaboratory> {
  const laboratory = await openVmLaboratory(["1.0", "1.1"], "package");
  const { host, virtAppliance, untilOff } = laboratory;
  await host.sh("dnf -y -q install hello-appliance-1.0 && dnf -y -q install hello-appliance-1.1");
  const said = async (vm: string): Promise<string> => {
    const console = await untilOff(vm);
    return /hello-appliance (.*boot \d+)/.exec(console)?.[1] ?? console;
  };
  return {
    ...laboratory,
    save: async (name) => void (await host.sh(save, name)),
    reset: async (...name) =>
      void (await host.sh(reset, ...name.filter((one) => one !== undefined))),
    kill: async (args, place) => {
      const watched = place.call !== "appears";
      // A shell between, since timeout(1) ends itself as its child ended.
      const shell = ["sh", "-c", '"$@"; exit $?', "sh", ...(watched ? straceOf(place) : [])];
      const running = host.run([...shell, "virt-appliance", ...args], { accept: "any" });
      if (!watched) await host.sh(killOnAppearance, place.path ?? "", args.join(" "));
      const killed = await running;
      assert.equal(killed.exitCode, KILLED, `${JSON.stringify(place)}\n${killed.stderr}`);
      // What it had run goes on to its own end.
      await host.sh("while pgrep -x 'qemu-img|cp' >/dev/null; do sleep 0.05; done");
    },
    journal: async () => {
      const { stdout } = await host.sh(`find ${JOURNAL} -name '*.json' -exec cat {} +`);
      const lines = stdout.split("\n").filter((line) => line !== "");
      return lines.map((line) => {
        const record = JSON.parse(line) as {
          verb: string;
          begun: number;
          steps: { kind: string }[];
        };
        return `${record.verb} ${record.begun} ${record.steps[record.begun - 1]?.kind ?? ""}`;
      });
    },
    bootUnits: async () => {
      let said = "";
      // In the order that the first one asks for.
      for (const name of ["recover", "reconcile"]) {
        const unit = await host.readText(`/usr/lib/systemd/system/virt-appliance-${name}.service`);
        const [, command = ""] = /^ExecStart=(\/[^"'\\$%\n]*)$/m.exec(unit) ?? assert.fail(unit);
        const [, folder = ""] =
          /^ConditionDirectoryNotEmpty=(.*)$/m.exec(unit) ?? assert.fail(unit);
        const { stdout } = await host.sh(`ls -A ${folder}`);
        if (stdout === "") continue;
        const { stderr } = await host.run(["env", "-i", BOOT_PATH, ...command.split(" ")]);
        said += stderr;
      }
      return said;
    },
    snapshot: async () => ({
      files: (await host.sh(snapshotFiles)).stdout,
      domains: (await host.sh(snapshotDomains)).stdout,
    }),
    assertSound: async (vms) => {
      await host.sh(checkDisks);
      const { stdout } = await virtAppliance(["vms", "--json"]);
      const listed = (JSON.parse(stdout) as { vm: string }[]).map(({ vm }) => vm);
      assert.deepEqual(listed, vms);
      const doctor = await virtAppliance(["doctor"], { accept: "any" });
      assert.equal(doctor.stdout, "");
    },
    boot: async (vm) => {
      await host.sh("virsh -q start $1", vm);
      return said(vm);
    },
    said,
  };
}
