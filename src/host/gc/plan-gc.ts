import { countOf } from "../../lib/count-of.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { baseRecordFile } from "../catalogue/base-record.ts";
import type { HostPaths } from "../access/paths.ts";
import { asideFile } from "../steps/base-steps.ts";
import type { PoolBase } from "../uses/pool-bases.ts";
import type { BaseUses, Obstacle } from "../uses/use-ledger.ts";

/** Subject in the journal; no VM can have this name. */
export const GC_SUBJECT = "unused bases";

/** Input for the decision about bases. */
export interface GcState {
  readonly bases: readonly PoolBase[];
  readonly uses: BaseUses;
  readonly now: Date;
  /** Connection that is checked again before anything is removed. */
  readonly uri: string;
}

/** A base that is kept, and the reasons. */
export interface KeptBase {
  readonly file: string;
  readonly bytes: number;
  readonly state: "used" | "recent" | "foreign" | "unsure";
  readonly reasons: readonly string[];
}

/** A base that can be removed. */
export interface UnusedBase {
  readonly file: string;
  readonly bytes: number;
}

/** Decision about each base. */
export interface GcPlan {
  readonly unused: readonly UnusedBase[];
  readonly kept: readonly KeptBase[];
  /** Obstacles that prevent the removal of unused bases. */
  readonly obstacles: readonly string[];
  /** Everything that could not be checked, even if no unused base is kept because of it. */
  readonly unseen: readonly string[];
  readonly operation: HostOperation;
}

/** Formats a time span, rounded down to its largest unit. */
function span(ms: number): string {
  const units = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1000],
  ] as const;
  const [name, length] = units.find(([, size]) => ms >= size) ?? ["second", 1000];
  const count = Math.max(0, Math.floor(ms / length));
  return countOf(count, name);
}

/** Returns why a base is kept; undefined if it can be removed. */
function judge(base: PoolBase, state: GcState, graceMs: number): KeptBase | undefined {
  const keep = (kind: KeptBase["state"], reasons: readonly string[]): KeptBase => ({
    file: base.file,
    bytes: base.allocatedBytes,
    state: kind,
    reasons,
  });
  const users = state.uses.users.get(base.file);
  if (users !== undefined) return keep("used", users);
  if (base.record === undefined)
    return keep("foreign", ["no record says that virt-appliance created it"]);
  if (!base.isAsRecorded)
    return keep("foreign", ["it was changed since virt-appliance created it"]);
  const age = state.now.getTime() - base.lastSeenMs;
  if (age < graceMs)
    return keep("recent", [`unused, kept for ${span(graceMs)}, last in use ${span(age)} ago`]);
  return undefined;
}

const MAX_REASONS = 3;

function unsureReasons(held: readonly Obstacle[]): readonly string[] {
  const more = held.length - MAX_REASONS;
  return [
    "seems unused, but something that could not be read may need it",
    ...held.slice(0, MAX_REASONS).map(({ what }) => what),
    ...(more > 0 ? [`${more} more`] : []),
  ];
}

function operationOf(unused: readonly PoolBase[], state: GcState, paths: HostPaths): HostOperation {
  const aside = unused.map((base): HostStep => {
    const { path, inode, device, record } = base;
    return { kind: "set-base-aside", path, inode, device, record: record?.text ?? "" };
  });
  const steps: readonly HostStep[] = [
    ...aside,
    {
      kind: "confirm-unused",
      uri: state.uri,
      bases: unused.map(({ file, path, inode, device }) => ({ file, path, inode, device })),
    },
    ...unused.flatMap((base): HostStep[] => [
      { kind: "remove-file", path: asideFile(base.path) },
      { kind: "remove-file", path: baseRecordFile(paths, base.file) },
    ]),
  ];
  return { verb: "gc", subject: GC_SUBJECT, steps, commitAfter: unused.length + 1 };
}

/**
 * Decides about every base. Keeps bases that are in use, were in use recently, were not made by virt-appliance, or may
 * be needed by something that could not be checked. Uses only the state.
 */
export function planGc(
  state: GcState,
  options: { readonly graceMs: number; readonly paths: HostPaths },
): GcPlan {
  const kept: KeptBase[] = [];
  const candidates: PoolBase[] = [];
  for (const base of state.bases) {
    const verdict = judge(base, state, options.graceMs);
    if (verdict === undefined) candidates.push(base);
    else kept.push(verdict);
  }
  const unused: PoolBase[] = [];
  const obstacles = new Set<string>();
  for (const base of candidates) {
    const { file, allocatedBytes } = base;
    const held = state.uses.obstacles.filter(
      ({ bases }) => bases === "all" || bases.includes(file),
    );
    for (const { what } of held) obstacles.add(what);
    if (held.length === 0) unused.push(base);
    else kept.push({ file, bytes: allocatedBytes, state: "unsure", reasons: unsureReasons(held) });
  }
  return {
    unused: unused.map(({ file, allocatedBytes }) => ({ file, bytes: allocatedBytes })),
    kept: kept.sort((a, b) => (a.file < b.file ? -1 : 1)),
    obstacles: [...obstacles],
    unseen: state.uses.obstacles.map(({ what }) => what),
    operation: operationOf(unused, state, options.paths),
  };
}
