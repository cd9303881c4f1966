import { hostLayout } from "./host-layout.ts";
import type { FileAttribute, PackagePlan, PlannedEntry, Relation } from "./package-plan.ts";

/** Texts of virt-appliance-host. */
export interface HostTexts {
  readonly reconcile: string;
  readonly reconcileBases: string;
  readonly reconcileFormats: string;
  readonly reconcilePool: string;
  readonly unit: string;
  readonly preset: string;
  readonly tmpfiles: string;
  readonly settings: string;
  readonly readme: string;
  readonly license: string;
  /** A stock kickstart. */
  readonly fedoraMinimal: string;
  readonly postScriptlet: string;
  readonly preunScriptlet: string;
  /** Runs once after a transaction that installed appliances. */
  readonly hookIn: string;
  /** Runs once after a transaction that removed appliances. */
  readonly hookPostun: string;
}

/** Input for the plan of the host package. */
export interface HostPackageInput {
  readonly version: string;
  readonly release: string;
  readonly texts: HostTexts;
  /** Build time and time of every file, Unix seconds. */
  readonly dateSeconds: number;
}

/** Folders for a site's answers to recipes, including passwords: only root can read them. */
const PRIVATE_DIRECTORIES: readonly string[] = [
  `${hostLayout.settingsDir}/parameters.d`,
  `${hostLayout.settingsDir}/recipes`,
];

/**
 * Every directory that only this package and appliances use. Their parents belong to the system, libvirt and osinfo-db.
 */
const DIRECTORIES: readonly string[] = [
  hostLayout.settingsDir,
  ...PRIVATE_DIRECTORIES,
  "/usr/libexec/virt-appliance",
  "/usr/share/doc/virt-appliance-host",
  "/usr/share/licenses/virt-appliance-host",
  hostLayout.osinfoDir,
  "/usr/share/virt-appliance",
  hostLayout.catalogueDir,
  hostLayout.kickstartsDir,
  hostLayout.applianceRoot,
  hostLayout.baseDir,
  hostLayout.payloadDir,
  hostLayout.stateDir,
  `${hostLayout.stateDir}/bases`,
  `${hostLayout.stateDir}/registered`,
];

interface HostFile {
  readonly path: string;
  readonly text: keyof HostTexts;
  readonly mode?: number;
  readonly attributes?: readonly FileAttribute[];
}

const FILES: readonly HostFile[] = [
  {
    path: `${hostLayout.settingsDir}/host.conf`,
    text: "settings",
    attributes: ["config", "noreplace"],
  },
  { path: "/usr/lib/systemd/system-preset/80-virt-appliance-host.preset", text: "preset" },
  { path: "/usr/lib/systemd/system/virt-appliance-reconcile.service", text: "unit" },
  { path: "/usr/lib/tmpfiles.d/virt-appliance-host.conf", text: "tmpfiles" },
  { path: hostLayout.reconcile, text: "reconcile", mode: 0o755 },
  { path: `${hostLayout.reconcile}-bases.sh`, text: "reconcileBases" },
  { path: `${hostLayout.reconcile}-formats.sh`, text: "reconcileFormats" },
  { path: `${hostLayout.reconcile}-pool.sh`, text: "reconcilePool" },
  { path: "/usr/share/doc/virt-appliance-host/README.md", text: "readme", attributes: ["doc"] },
  {
    path: "/usr/share/licenses/virt-appliance-host/LICENSE",
    text: "license",
    attributes: ["license"],
  },
  { path: `${hostLayout.kickstartsDir}/fedora-minimal.ks`, text: "fedoraMinimal" },
];

/**
 * Programs that reconcile calls: coreutils, grep, sed, flock and logger. Fedora, EL and openSUSE use the same names.
 * systemd runs the boot-time unit.
 */
const REQUIRES: readonly Relation[] = [
  { name: "coreutils" },
  { name: "grep" },
  { name: "sed" },
  { name: "systemd", phases: ["post", "preun"] },
  { name: "util-linux" },
];

/**
 * Weak, because reconcile works without them: it writes the pool for a libvirt that is installed later. An installer or
 * an image build must be able to install appliances without a hypervisor.
 */
const RECOMMENDS: readonly Relation[] = [{ name: "libvirt-client" }, { name: "virt-install" }];
const SUGGESTS: readonly Relation[] = [{ name: "libvirt-daemon-kvm" }, { name: "zstd" }];

/**
 * Owned by libvirt's storage driver, so that a libvirt installed after the appliances gets the pool. rpm compares a
 * trigger's path with the folders of a package's entries; libvirt owns `autostart` in this folder.
 */
const LIBVIRT_STORAGE = "/etc/libvirt/storage";

function byPath(a: PlannedEntry, b: PlannedEntry): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

function planEntries(input: HostPackageInput): readonly PlannedEntry[] {
  const owner = { user: "root", group: "root", mtimeSeconds: input.dateSeconds };
  const directories = DIRECTORIES.map((path): PlannedEntry => ({
    kind: "directory",
    path,
    mode: PRIVATE_DIRECTORIES.includes(path) ? 0o750 : 0o755,
    ...owner,
  }));
  const files = FILES.map((file): PlannedEntry => ({
    kind: "file",
    path: file.path,
    mode: file.mode ?? 0o644,
    ...owner,
    ...(file.attributes === undefined ? {} : { attributes: file.attributes }),
    source: { kind: "text", text: input.texts[file.text] },
  }));
  return [...directories, ...files].sort(byPath);
}

/**
 * Plans virt-appliance-host, the package that appliances require: directories, `reconcile`, the post-install hook and
 * the boot-time unit. Pure: the same input gives the same plan.
 *
 * It has no trigger before a transaction, which would run for every file of the catalogue when only this package is
 * upgraded. The file list has no files of the pool, not even as ghosts, because dnf deletes ghosts.
 */
export function planHostPackage(input: HostPackageInput): PackagePlan {
  const { texts } = input;
  const shell = (body: string): { body: string; interpreter: readonly string[] } => ({
    body,
    interpreter: ["/bin/sh"],
  });
  return {
    name: "virt-appliance-host",
    version: input.version,
    release: input.release,
    arch: "noarch",
    summary: "Unpacks and registers virtual appliances on a KVM host",
    description: `Appliance packages bring disk images and a description of the virtual
machine that they make up. This package unpacks the images into a libvirt
pool, registers the appliances for virt-install, and never touches what
virtual machines use.`,
    license: "Apache-2.0",
    group: "Unspecified",
    buildTimeSeconds: input.dateSeconds,
    buildHost: "virt-appliance",
    provides: [],
    requires: REQUIRES,
    conflicts: [],
    obsoletes: [],
    recommends: RECOMMENDS,
    suggests: SUGGESTS,
    supplements: [],
    enhances: [],
    entries: planEntries(input),
    scriptlets: { post: shell(texts.postScriptlet), preun: shell(texts.preunScriptlet) },
    packageTriggers: [],
    fileTriggers: [
      {
        scope: "transaction",
        event: "in",
        paths: [hostLayout.catalogueDir, LIBVIRT_STORAGE],
        ...shell(texts.hookIn),
      },
      {
        scope: "transaction",
        event: "postun",
        paths: [hostLayout.catalogueDir],
        ...shell(texts.hookPostun),
      },
    ],
    changelog: [],
    payload: { compressor: "gzip", level: 9 },
  };
}
