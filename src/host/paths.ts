import { createHash } from "node:crypto";
import path from "node:path";
import { hostLayout } from "../plan/index.ts";

/** Where things are on a host. Tests give another root; nothing else in this folder names an absolute path. */
export interface HostPaths {
  /** What all the others are below. */
  readonly root: string;
  /** One folder for each installed version of an appliance. */
  readonly catalogueDir: string;
  /** The libvirt pool of bases. */
  readonly baseDir: string;
  readonly payloadDir: string;
  readonly osinfoDir: string;
  /** Journal, locks, records of bases, registrations. */
  readonly stateDir: string;
  readonly settingsDir: string;
  /** Disks of VMs, unless a pool is named. */
  readonly diskDir: string;
  /** Where libvirt keeps the variables of firmware, one file for each VM's name. */
  readonly nvramDir: string;
  /** Where libvirt keeps the state of emulated TPMs, one folder for each VM's UUID. */
  readonly tpmDir: string;
  /** What VMs say on their consoles, written by libvirt's log daemon. */
  readonly consoleDir: string;
}

/** Returns the places of a host below a root. */
export function hostPaths(root = "/"): HostPaths {
  const at = (place: string): string => path.join(root, place);
  return {
    root: path.resolve(root),
    catalogueDir: at(hostLayout.catalogueDir),
    baseDir: at(hostLayout.baseDir),
    payloadDir: at(hostLayout.payloadDir),
    osinfoDir: at(hostLayout.osinfoDir),
    stateDir: at(hostLayout.stateDir),
    settingsDir: at(hostLayout.settingsDir),
    diskDir: at("/var/lib/libvirt/images"),
    nvramDir: at("/var/lib/libvirt/qemu/nvram"),
    tpmDir: at("/var/lib/libvirt/swtpm"),
    consoleDir: at("/var/log/libvirt/qemu"),
  };
}

/** Returns the folder of the journal. */
export function journalDir(paths: HostPaths): string {
  return path.join(paths.stateDir, "journal");
}

/** Returns the file that is locked while a VM is worked on. */
export function lockFileOf(paths: HostPaths, vm: string): string {
  // A name is anybody's text until it is known to be a VM's.
  const name = encodeURIComponent(vm);
  const short = name.length <= 200 ? name : createHash("sha256").update(vm).digest("hex");
  return path.join(paths.stateDir, "locks", `vm-${short}.lock`);
}

/** Returns the file that is locked while catalogue, pool or bases change; `reconcile` locks the same. */
export function catalogueLockFile(paths: HostPaths): string {
  return path.join(paths.stateDir, "lock");
}

/** Returns where a VM's console is logged, anew at each start; `VM.log` beside it is libvirt's own. */
export function consoleLogFile(paths: HostPaths, vm: string): string {
  return path.join(paths.consoleDir, `${vm}-console.log`);
}

/** Returns the log of a console and what the log daemon makes of it when it grows. */
export function consoleLogFiles(file: string): readonly string[] {
  return [file, ...[0, 1, 2, 3].map((number) => `${file}.${number}`)];
}
