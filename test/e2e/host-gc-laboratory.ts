import type {
  HostRunOptions,
  SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { programInHost } from "../support/bundled-program.ts";
import { BASE_DIR, openLaboratory } from "./host-packages.ts";

export const DISKS = "/var/lib/libvirt/images";

/** A KVM host with libvirt running, many versions of an appliance `web`, and our program. */
export interface GcLaboratory extends AsyncDisposable {
  readonly host: SimulatedHost;
  /** Runs our program there. */
  readonly virtAppliance: (args: readonly string[], options?: HostRunOptions) => Promise<RunResult>;
  /** The program, as words of a shell line. */
  readonly program: string;
  /** Makes a VM on the base of a version as an administrator does without us, and leaves it off. */
  readonly plainVm: (vm: string, version: string) => Promise<void>;
  /** Starts a VM from cold, sees that it runs, and cuts its power. */
  readonly coldStart: (vm: string) => Promise<void>;
  /** Versions that have a base, sorted by number. */
  readonly versionsWithBase: () => Promise<readonly string[]>;
}

function byNumber(a: string, b: string): number {
  return Number(a.split(".")[1]) - Number(b.split(".")[1]);
}

/** Name of the one base of a version of `web`. */
export function baseOf(version: string): string {
  return `${BASE_DIR}/web-appliance-${version}-1-system.qcow2`;
}

/** Opens the host; dnf keeps two versions at most. */
export async function openGcLaboratory(versions: readonly string[]): Promise<GcLaboratory> {
  const appliances = versions.map((version) => ({ name: "web", version, noiseBytes: 4096 }));
  const { shares, words } = await programInHost();
  const laboratory = await openLaboratory(appliances, [], shares);
  const { host } = laboratory;
  try {
    await host.sh("sed -i s/^installonly_limit=.*/installonly_limit=2/ /etc/dnf/dnf.conf");
    await host.startLibvirt();
  } catch (error) {
    await laboratory.dispose();
    throw error;
  }
  return {
    host,
    program: words.join(" "),
    virtAppliance: (args, options) => host.run([...words, ...args], options),
    plainVm: async (vm, version) => {
      await host.sh(
        `virt-install --name $1 --osinfo web$2 --import --virt-type qemu --network none --graphics none \
          --memory 64 --noautoconsole --disk path=${DISKS}/$1.qcow2,size=1,backing_store=$3,backing_format=qcow2
        virsh -q destroy $1`,
        vm,
        version,
        baseOf(version),
      );
    },
    coldStart: async (vm) => {
      await host.sh(
        'virsh -q start $1; test "$(virsh domstate $1 | head -n 1)" = running; virsh -q destroy $1',
        vm,
      );
    },
    versionsWithBase: async () => {
      const { stdout } = await host.sh(`ls -A ${BASE_DIR}`);
      const names = stdout.split("\n").filter((line) => line !== "");
      return names.map((name) => /-(1\.\d+)-1-system/.exec(name)?.[1] ?? name).sort(byNumber);
    },
    [Symbol.asyncDispose]: () => laboratory.dispose(),
  };
}
