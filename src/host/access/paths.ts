import { createHash } from "node:crypto";
import path from "node:path";
import { hostLayout } from "../../package/index.ts";

/** Paths on a host. Tests use another root; no other file of a host has absolute paths. */
export interface HostPaths {
  /** Root of all other paths. */
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
  /** Disks of VMs, unless a pool is chosen. */
  readonly diskDir: string;
  /** libvirt's folder of firmware variables, one file for each VM's name. */
  readonly nvramDir: string;
  /** libvirt's folder of emulated TPMs, one folder for each VM's UUID. */
  readonly tpmDir: string;
  /** Console logs of VMs, written by libvirt's log daemon. */
  readonly consoleDir: string;
}

/** Returns the paths of a host below a root. */
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

/** Returns the lock file of a VM. */
export function lockFileOf(paths: HostPaths, vm: string): string {
  // A name is untrusted text until it is known to be a VM's.
  const name = encodeURIComponent(vm);
  const short = name.length <= 200 ? name : createHash("sha256").update(vm).digest("hex");
  return path.join(paths.stateDir, "locks", `vm-${short}.lock`);
}

/** Returns the lock file for changes of catalogue, pool or bases, which `reconcile` also uses. */
export function catalogueLockFile(paths: HostPaths): string {
  return path.join(paths.stateDir, "lock");
}

/** Returns the console log of a VM, which starts again at each start; `VM.log` beside it is libvirt's. */
export function consoleLogFile(paths: HostPaths, vm: string): string {
  return path.join(paths.consoleDir, `${vm}-console.log`);
}

/** Returns the log of a console and the files into which the log daemon rotates it. */
export function consoleLogFiles(file: string): readonly string[] {
  return [file, ...[0, 1, 2, 3].map((number) => `${file}.${number}`)];
}
