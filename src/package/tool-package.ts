import type { PackagePlan, PlannedEntry, Relation } from "./package-plan.ts";

/** Texts of virt-appliance with fixed paths on a host. */
export interface ToolTexts {
  readonly launcher: string;
  readonly completion: string;
  readonly gcService: string;
  readonly gcTimer: string;
  readonly recoverService: string;
  readonly preset: string;
  readonly license: string;
  /** Licences of the libraries. */
  readonly thirdParty: string;
  readonly postScriptlet: string;
  readonly preunScriptlet: string;
}

/** A library that is part of the program. */
export interface BundledLibrary {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
}

/** Input for the plan of the command line's package. */
export interface ToolPackageInput {
  readonly version: string;
  readonly release: string;
  readonly texts: ToolTexts;
  /** Path of the compressed manual page in the staging folder. */
  readonly stagedManPage: string;
  /** All files of the program, by path below its folder, without the licences. */
  readonly program: Readonly<Record<string, string>>;
  readonly libraries: readonly BundledLibrary[];
  /** Build time and time of every file, Unix seconds. */
  readonly dateSeconds: number;
}

/** Folder of the program, laid out like its source tree. */
const PROGRAM_DIR = "/usr/share/virt-appliance/cli";
const LICENSE_DIR = "/usr/share/licenses/virt-appliance";
const UNIT_DIR = "/usr/lib/systemd/system";

interface ToolFile {
  readonly text: keyof ToolTexts;
  readonly mode?: number;
  readonly isLicense?: true;
}

const FILES: Readonly<Record<string, ToolFile>> = {
  "/usr/bin/virt-appliance": { text: "launcher", mode: 0o755 },
  "/usr/share/bash-completion/completions/virt-appliance": { text: "completion" },
  [`${UNIT_DIR}/virt-appliance-gc.service`]: { text: "gcService" },
  [`${UNIT_DIR}/virt-appliance-gc.timer`]: { text: "gcTimer" },
  [`${UNIT_DIR}/virt-appliance-recover.service`]: { text: "recoverService" },
  "/usr/lib/systemd/system-preset/80-virt-appliance.preset": { text: "preset" },
  [`${LICENSE_DIR}/LICENSE`]: { text: "license", isLicense: true },
  [`${LICENSE_DIR}/THIRD-PARTY.txt`]: { text: "thirdParty", isLicense: true },
};

/** The installed program finds the licences, which it packages, at the same path as in its source tree. */
const LINKS: Readonly<Record<string, string>> = {
  [`${PROGRAM_DIR}/LICENSE`]: "../../licenses/virt-appliance/LICENSE",
  [`${PROGRAM_DIR}/dist/bundle/THIRD-PARTY.txt`]:
    "../../../../licenses/virt-appliance/THIRD-PARTY.txt",
};

/**
 * Programs that commands on builders and on hosts require. Programs whose package name differs between distributions
 * are required by path. The launcher checks the version of node, because its packages are versioned differently.
 */
const REQUIRES: readonly Relation[] = [
  { name: "/usr/bin/node" },
  { name: "/usr/bin/qemu-img" },
  { name: "coreutils" },
  { name: "systemd", phases: ["post", "preun"] },
  { name: "util-linux" },
];

/**
 * Weak, because a machine that only builds, signs and publishes needs no libvirt, and because sources may use only one
 * compression. A command that misses a program names it.
 */
const RECOMMENDS: readonly Relation[] = [
  { name: "bzip2" },
  { name: "libvirt-client" },
  { name: "virt-install" },
  { name: "xz" },
  { name: "zstd" },
];

function byPath(a: PlannedEntry, b: PlannedEntry): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

/** Returns every folder between the program's and its files, itself included. */
function programFolders(files: readonly string[]): readonly string[] {
  const folders = new Set([PROGRAM_DIR]);
  for (const file of files) {
    const names = file.split("/").slice(0, -1);
    for (const [i] of names.entries()) {
      folders.add(`${PROGRAM_DIR}/${names.slice(0, i + 1).join("/")}`);
    }
  }
  return [...folders];
}

function planEntries(input: ToolPackageInput): readonly PlannedEntry[] {
  const owner = { user: "root", group: "root", mtimeSeconds: input.dateSeconds };
  const directories = [...programFolders(Object.keys(input.program)), LICENSE_DIR];
  const entries: PlannedEntry[] = [
    ...directories.map((path) => ({ kind: "directory", path, mode: 0o755, ...owner }) as const),
    ...Object.entries(LINKS).map(
      ([path, target]) => ({ kind: "symlink", path, mode: 0o777, target, ...owner }) as const,
    ),
    {
      kind: "file",
      path: "/usr/share/man/man1/virt-appliance.1.gz",
      mode: 0o644,
      ...owner,
      attributes: ["doc"],
      source: { kind: "staged", path: input.stagedManPage },
    },
  ];
  for (const [path, file] of Object.entries(FILES)) {
    entries.push({
      kind: "file",
      path,
      mode: file.mode ?? 0o644,
      ...owner,
      ...(file.isLicense === true ? { attributes: ["license"] } : {}),
      source: { kind: "text", text: input.texts[file.text] },
    });
  }
  for (const [name, text] of Object.entries(input.program)) {
    const mode = text.startsWith("#!") ? 0o755 : 0o644;
    const path = `${PROGRAM_DIR}/${name}`;
    entries.push({ kind: "file", path, mode, ...owner, source: { kind: "text", text } });
  }
  return entries.sort(byPath);
}

/** Returns the licence of the package: that of virt-appliance, then those of the libraries. */
function licenseOf(libraries: readonly BundledLibrary[]): string {
  const own = "Apache-2.0";
  const others = new Set(libraries.map(({ license }) => license).filter((one) => one !== own));
  const quote = (license: string): string =>
    /^[^(].* OR /.test(license) ? `(${license})` : license;
  return [own, ...[...others].sort().map(quote)].join(" AND ");
}

/**
 * Plans virt-appliance, the package of this command line: the bundled program, its launcher, manual page and
 * completion, the units that recover interrupted operations at boot and that reclaim bases. Pure: the same input gives
 * the same plan.
 */
export function planToolPackage(input: ToolPackageInput): PackagePlan {
  const { texts, version, libraries } = input;
  const shell = (body: string): { body: string; interpreter: readonly string[] } => ({
    body,
    interpreter: ["/bin/sh"],
  });
  return {
    name: "virt-appliance",
    version,
    release: input.release,
    arch: "noarch",
    summary: "Builds, publishes and runs virtual appliances",
    description: `The command line that turns virtual appliances (disk images and a
description of the virtual machine that they make up) into signed RPMs
and yum repositories, and that makes, updates and rolls back virtual
machines from them on a KVM host.`,
    license: licenseOf(libraries),
    group: "Unspecified",
    buildTimeSeconds: input.dateSeconds,
    buildHost: "virt-appliance",
    provides: libraries.map((library) => ({
      name: `bundled(npm(${library.name}))`,
      comparison: "=",
      version: library.version,
    })),
    // Both packages use the state directory, so they are from the same release or the host package is newer.
    requires: [...REQUIRES, { name: "virt-appliance-host", comparison: ">=", version }],
    conflicts: [],
    obsoletes: [],
    recommends: RECOMMENDS,
    suggests: [{ name: "bash-completion" }],
    supplements: [],
    enhances: [],
    entries: planEntries(input),
    scriptlets: { post: shell(texts.postScriptlet), preun: shell(texts.preunScriptlet) },
    packageTriggers: [],
    fileTriggers: [],
    changelog: [],
    payload: { compressor: "gzip", level: 9 },
  };
}
