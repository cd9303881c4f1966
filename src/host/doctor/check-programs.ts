import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import type { Finding } from "./finding.ts";

/** A program that commands on a host call. */
interface NeededProgram {
  readonly name: string;
  readonly least: string | undefined;
  /** Why it is needed, in this version. */
  readonly why: string;
  readonly severity: "error" | "warning";
}

const needed: readonly NeededProgram[] = [
  { name: "qemu-img", least: "5.1", why: "it reads bases compressed with zstd", severity: "error" },
  { name: "virt-install", least: "4.0", why: "create renders domains with it", severity: "error" },
  {
    name: "virsh",
    least: "8.9",
    why: "destroy and update keep the TPM state with it",
    severity: "error",
  },
  { name: "flock", least: undefined, why: "every change takes a lock with it", severity: "error" },
  {
    name: "zstd",
    least: undefined,
    why: "it unpacks appliances with raw disks",
    severity: "warning",
  },
];

/** Oldest supported version of node. */
const NODE: NeededProgram = {
  name: "node",
  least: "20.19",
  why: "virt-appliance requires it",
  severity: "error",
};

/** The programs of a host, and findings about them. */
export interface CheckedPrograms {
  /** Versions by name; null if missing. */
  readonly versions: Readonly<Record<string, string | null>>;
  readonly findings: readonly Finding[];
}

/** Returns whether a numeric version is at least another one. */
export function isAtLeast(version: string, least: string): boolean {
  const found = version.split(".").map(Number);
  for (const [index, wanted] of least.split(".").map(Number).entries()) {
    const part = found[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

async function versionOf(name: string, context: Context): Promise<string | null> {
  try {
    const { stdout } = await context.run(name, ["--version"], { timeoutMs: 30_000 });
    return /(?<!\d)\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? "unknown";
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    return null;
  }
}

function judge(program: NeededProgram, version: string | null): readonly Finding[] {
  const { name, least, why, severity } = program;
  const common = { subject: name, repair: null };
  if (version === null) {
    const what = `is not installed, or does not run: ${why}`;
    return [{ ...common, severity, code: "program-missing", what, todo: `install ${name}` }];
  }
  if (least === undefined || version === "unknown" || isAtLeast(version, least)) return [];
  const what = `has version ${version}, expected ${least} or later: ${why}`;
  return [{ ...common, severity: "warning", code: "program-old", what, todo: `update ${name}` }];
}

/** Finds missing or outdated programs. */
export async function checkPrograms(context: Context): Promise<CheckedPrograms> {
  const found = await Promise.all(
    needed.map(async (program) => ({ program, version: await versionOf(program.name, context) })),
  );
  const all = [{ program: NODE, version: process.versions.node }, ...found];
  return {
    versions: Object.fromEntries(all.map(({ program, version }) => [program.name, version])),
    findings: all.flatMap(({ program, version }) => judge(program, version)),
  };
}
