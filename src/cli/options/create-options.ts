import { ApplianceError } from "../../errors.ts";
import type { CreateRequest } from "../../host/index.ts";
import { parseSize } from "./parse-size.ts";

const MIB = 1024 * 1024;

/** Arguments of `create`, as parsed by yargs. */
export interface CreateArguments {
  readonly name: string;
  readonly vm: string;
  readonly memory: string | undefined;
  readonly vcpus: number | undefined;
  readonly network: readonly string[] | undefined;
  readonly mac: string | undefined;
  readonly graphics: string | undefined;
  readonly boot: number | undefined;
  readonly virtType: string | undefined;
  readonly pool: string | undefined;
  readonly copy: boolean;
  readonly autostart: boolean;
  readonly start: boolean;
  readonly set: readonly string[] | undefined;
  /** Words after `--`. */
  readonly "--": unknown;
}

/** Options that describe the new machine. */
export const machineOptions = {
  memory: {
    type: "string",
    describe: "memory in MiB, or a size such as 2G (default: the descriptor's, else 1024)",
  },
  vcpus: {
    type: "number",
    describe: "number of processors (default: the descriptor's)",
  },
  network: {
    type: "string",
    array: true,
    nargs: 1,
    describe:
      'network in virt-install\'s syntax, or the name of a libvirt network (default: "default" for each interface of the descriptor)',
  },
  mac: {
    type: "string",
    describe: "MAC address of the first interface (default: libvirt chooses)",
  },
  graphics: {
    type: "string",
    describe:
      "graphics in virt-install's syntax (default: virt-install's, or none when the descriptor has no graphics)",
  },
  boot: {
    type: "number",
    describe:
      "number of the boot descriptor, counted from 0 (default: the first that this host can run)",
  },
  "virt-type": {
    type: "string",
    describe: "hypervisor: kvm, qemu (default: kvm when the host has it)",
  },
  pool: {
    type: "string",
    describe: "libvirt pool for the disks (default: the folder /var/lib/libvirt/images)",
  },
  copy: {
    type: "boolean",
    default: false,
    describe: "copy the base for each system disk; do not make an overlay",
  },
} as const;

/** Returns memory in MiB. The text is a plain number in MiB, as in virt-install, or a size with a unit. */
function parseMemory(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  return Math.ceil(parseSize(text, "--memory") / MIB);
}

function usage(message: string): ApplianceError {
  return new ApplianceError("CLI_USAGE", message);
}

/** Parses parameters of the form NAME=VALUE. */
export function parseParameters(options: readonly string[]): Readonly<Record<string, string>> {
  const entries = options.map((option): readonly [string, string] => {
    const equals = option.indexOf("=");
    if (equals <= 0) throw usage(`--set: "${option}" expected NAME=VALUE`);
    return [option.slice(0, equals), option.slice(equals + 1)];
  });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usage(`--set: ${twice} is set twice`);
  return Object.fromEntries(entries);
}

/** Returns the request of `create` from the command line. */
export function createRequestOf(args: CreateArguments): CreateRequest {
  const { vcpus, boot, mac } = args;
  if (vcpus !== undefined && (!Number.isSafeInteger(vcpus) || vcpus < 1))
    throw usage("--vcpus: expected a number of processors");
  if (boot !== undefined && (!Number.isSafeInteger(boot) || boot < 0))
    throw usage("--boot: expected the number of a boot descriptor, counted from 0");
  if (mac !== undefined && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac))
    throw usage(`--mac: "${mac}" expected an address such as 52:54:00:12:34:56`);
  return {
    appliance: args.name,
    vm: args.vm,
    memoryMiB: args.memory === undefined ? undefined : parseMemory(args.memory),
    vcpus,
    networks: args.network ?? [],
    mac,
    graphics: args.graphics,
    boot,
    virtType: args.virtType,
    pool: args.pool,
    system: args.copy ? "copy" : "overlay",
    autostart: args.autostart,
    start: args.start,
    parameters: parseParameters(args.set ?? []),
    extra: Array.isArray(args["--"]) ? args["--"].map(String) : [],
  };
}
