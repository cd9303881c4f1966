import { access, lstat, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import path from "node:path";
import { commandLine } from "../../lib/command-line.ts";
import { type BaseState, checkBase } from "../catalogue/base.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { type BaseFile, baseFilesOf } from "../catalogue/catalogue-entry.ts";
import type { PoolBase } from "../uses/pool-bases.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { Finding } from "./finding.ts";

/** Findings about bases, and the states from hashing them. */
export interface CheckedBases {
  readonly findings: readonly Finding[];
  readonly states: readonly BaseState[];
}

/** SELinux types that every VM may read. */
const sharedTypes: ReadonlySet<string> = new Set(["virt_image_t", "virt_content_t"]);

/** The packages and bases that a host has, read once for all checks. */
export interface Installed {
  readonly catalogue: Catalogue;
  readonly poolBases: readonly PoolBase[];
}

/** Returns every base, of installed and of removed packages. */
function expectedBases(installed: Installed): ReadonlyMap<string, BaseFile | undefined> {
  const bases = new Map<string, BaseFile | undefined>();
  for (const { file, record } of installed.poolBases)
    bases.set(file, record && { file, bytes: record.bytes, sha256: record.sha256 });
  for (const entry of installed.catalogue.entries)
    for (const base of baseFilesOf(entry)) bases.set(base.file, base);
  return bases;
}

function finding(file: string, rest: Omit<Finding, "subject" | "repair">): Finding {
  return { ...rest, subject: file, repair: null };
}

function checkRights(file: string, stats: Stats): readonly Finding[] {
  const findings: Finding[] = [];
  const mode = stats.mode & 0o7777;
  const protect = { severity: "warning", subject: file, repair: "protect-base" } as const;
  if (mode !== 0o444) {
    findings.push({
      ...protect,
      code: "base-mode",
      what: `has mode ${mode.toString(8).padStart(4, "0")}, expected 0444`,
      todo: "doctor --fix sets it",
    });
  }
  // Only root can change the owner, and an unprivileged user owns its own files.
  if (process.getuid?.() === 0 && (stats.uid !== 0 || stats.gid !== 0)) {
    findings.push({
      ...protect,
      code: "base-owner",
      what: `belongs to user ${stats.uid} and group ${stats.gid}, expected root: the owner could change it`,
      todo: "doctor --fix gives it back to root; adopt the VM that virt-install created on it, so that libvirt does not change the owner again",
    });
  }
  return findings;
}

async function checkLabel(file: string, host: LocalHost): Promise<readonly Finding[]> {
  const { exitCode, stdout } = await host.context.run("stat", ["-c", "%C", file], {
    acceptExitCodes: [1],
  });
  const type = stdout.trim().split(":")[2] ?? "";
  if (exitCode !== 0 || type === "" || sharedTypes.has(type)) return [];
  const what = `has the SELinux type ${type}, expected virt_image_t: VMs may not read it`;
  const todo = commandLine("restorecon", "-v", file);
  return [finding(file, { severity: "error", code: "base-label", what, todo })];
}

async function hasSelinux(host: LocalHost): Promise<boolean> {
  return access(path.join(host.paths.root, "sys/fs/selinux/enforce")).then(
    () => true,
    () => false,
  );
}

function contentFinding(state: BaseState, isThere: boolean): Finding {
  const what = state.problem?.replace(`base ${state.path} `, "") ?? "";
  if (!isThere) {
    const todo = "virt-appliance reconcile unpacks it";
    const common = { severity: "error", code: "base-missing", subject: state.path } as const;
    return { ...common, what: "is missing", todo, repair: "reconcile" };
  }
  const todo =
    "VMs on it may be damaged: restore it from a backup, or if no VM uses it, remove it and run virt-appliance reconcile";
  return finding(state.path, { severity: "error", code: "base-changed", what, todo });
}

/**
 * Finds bases that were changed, or that users other than root can change.
 *
 * @param options.hash  `changed`: read only those with another size, inode or time than recorded; `always`: read all
 */
export async function checkBases(
  host: LocalHost,
  installed: Installed,
  options: { readonly hash: "changed" | "always" },
): Promise<CheckedBases> {
  const findings: Finding[] = [];
  const states: BaseState[] = [];
  const isLabelled = await hasSelinux(host);
  for (const [name, base] of expectedBases(installed)) {
    const file = path.join(host.paths.baseDir, name);
    const stats = await lstat(file).catch(() => undefined);
    if (base === undefined) {
      const what = "is in the base pool, but is not a base of any appliance";
      const todo = "nothing; gc ignores it";
      findings.push(finding(file, { severity: "note", code: "base-foreign", what, todo }));
      continue;
    }
    const state = await checkBase(base, host, options);
    states.push(state);
    if (state.problem !== undefined) findings.push(contentFinding(state, stats !== undefined));
    if (stats?.isFile() !== true) continue;
    findings.push(...checkRights(file, stats));
    if (isLabelled) findings.push(...(await checkLabel(file, host)));
  }
  const folder = await stat(host.paths.baseDir).catch(() => undefined);
  if (folder !== undefined && (folder.mode & 0o022) !== 0) {
    const what = `has mode ${(folder.mode & 0o7777).toString(8)}: users other than root can replace bases`;
    const todo = commandLine("chmod", "go-w", host.paths.baseDir);
    const subject = host.paths.baseDir;
    findings.push(finding(subject, { severity: "warning", code: "pool-writable", what, todo }));
  }
  return { findings, states };
}
