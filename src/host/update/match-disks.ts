import path from "node:path";
import { type DiskRole, isDiscFormat, withoutImageSuffix } from "../../appliance/index.ts";
import type { InstanceDisk } from "../instance/instance.ts";

/** A disk of the new version. */
export interface WantedDisk {
  readonly id: string;
  /** Name of its file beside the descriptor. */
  readonly file: string;
  readonly role: DiskRole;
  /** Device name in the descriptor. */
  readonly target: string | undefined;
  readonly isDisc: boolean;
}

/** How a disk of the new version was matched. */
export type MatchedBy = "told" | "id" | "name" | "device" | "role" | "none";

/** A disk of the new version, and its counterpart in the VM. */
export interface DiskMatch {
  readonly id: string;
  /** Undefined if the VM has none. */
  readonly old: InstanceDisk | undefined;
  readonly by: MatchedBy;
}

/** Match between disks of a VM and disks of the new version. */
export interface MatchedDisks {
  /** One for each disk of the new version without a reason. */
  readonly matches: ReadonlyMap<string, DiskMatch>;
  /** Why disks cannot be matched. */
  readonly reasons: readonly string[];
}

/** Instead of a device name: the VM has no such disk. */
const NONE = "none";

function stemOf(name: string): string {
  return withoutImageSuffix(path.basename(name));
}

function isSameKind(wanted: WantedDisk, old: InstanceDisk): boolean {
  return wanted.role === old.role && wanted.isDisc === isDiscFormat(old.format);
}

function show({ id, role, target }: InstanceDisk): string {
  return `${target} (${role} disk ${id})`;
}

/** Disks that are not matched yet. */
interface Open {
  readonly wanted: WantedDisk[];
  readonly old: InstanceDisk[];
  readonly matches: Map<string, DiskMatch>;
  readonly reasons: string[];
}

function settle(open: Open, wanted: WantedDisk, match: Omit<DiskMatch, "id">): void {
  open.matches.set(wanted.id, { id: wanted.id, ...match });
  open.wanted.splice(open.wanted.indexOf(wanted), 1);
  if (match.old !== undefined) open.old.splice(open.old.indexOf(match.old), 1);
}

function changedRole(wanted: WantedDisk, old: InstanceDisk): string {
  return `disk ${old.id}: has role ${wanted.role} in this version, had role ${old.role}`;
}

/** Refuses to guess. The candidates remain available for other disks. */
function refuse(open: Open, wanted: WantedDisk, candidates: readonly InstanceDisk[]): void {
  const { id, role } = wanted;
  const fitting = candidates.filter((old) => isSameKind(wanted, old));
  const choices = [
    ...fitting.map(({ target }) => `--disk ${id}=${target}`),
    `--disk ${id}=${NONE}`,
  ];
  open.reasons.push(
    `disk ${id}: may be ${candidates.map(show).join(" or ")} of the VM, or a new ${role} disk; choose with ${choices.join(" or ")}, or give it the id of that disk in the descriptor`,
  );
  open.wanted.splice(open.wanted.indexOf(wanted), 1);
}

/** A disk with the same id is the same disk. */
function matchIds(open: Open, told: Readonly<Record<string, string>>): void {
  const known = open.wanted.filter(({ id }) => open.old.some((old) => old.id === id));
  for (const wanted of known) {
    const old = open.old.find(({ id }) => id === wanted.id);
    const target = Object.hasOwn(told, wanted.id) ? told[wanted.id] : undefined;
    if (old === undefined) continue;
    if (target !== undefined && target !== old.target)
      open.reasons.push(`--disk ${wanted.id}=${target}: ${old.target} of the VM has this id`);
    if (old.role !== wanted.role) open.reasons.push(changedRole(wanted, old));
    // A CD-ROM cannot replace a hard disk; the content of a data disk is kept in any case.
    if (isSameKind(wanted, old) || old.role === "data" || old.role !== wanted.role)
      settle(open, wanted, { old, by: "id" });
    else settle(open, wanted, { old: undefined, by: "none" });
  }
}

function matchTold(open: Open, told: Readonly<Record<string, string>>): void {
  for (const [id, target] of Object.entries(told)) {
    const wanted = open.wanted.find((each) => each.id === id);
    if (wanted === undefined) {
      if (!open.matches.has(id))
        open.reasons.push(`--disk ${id}=${target}: this version has no disk ${id}`);
    } else if (target === NONE) settle(open, wanted, { old: undefined, by: "told" });
    else {
      const old = open.old.find((each) => each.target === target);
      if (old === undefined) {
        const free = open.old.map((each) => each.target).join(", ") || "none";
        open.reasons.push(
          `--disk ${id}=${target}: the VM has no unmatched disk ${target}, it has: ${free}`,
        );
        open.wanted.splice(open.wanted.indexOf(wanted), 1);
      } else {
        if (!isSameKind(wanted, old)) open.reasons.push(changedRole(wanted, old));
        settle(open, wanted, { old, by: "told" });
      }
    }
  }
}

interface Claim {
  readonly wanted: WantedDisk;
  readonly by: "name" | "device";
  readonly candidates: readonly InstanceDisk[];
}

/** Returns the candidates for a disk by name and device; undefined if there are none. */
function claimOf(wanted: WantedDisk, { old }: Open): Claim | undefined {
  const stems = [stemOf(wanted.id), stemOf(wanted.file)];
  const named = old.filter(
    ({ id, format }) => stems.includes(stemOf(id)) && wanted.isDisc === isDiscFormat(format),
  );
  const placed = old.filter(({ target }) => target === wanted.target);
  const inPlace = placed.filter((each) => isSameKind(wanted, each));
  const both = named.filter((each) => placed.includes(each));
  if (both.length === 1) return { wanted, by: "name", candidates: both };
  if (named.length > 0)
    return { wanted, by: "name", candidates: [...new Set([...named, ...inPlace])] };
  if (inPlace.length > 0) return { wanted, by: "device", candidates: inPlace };
  // Scratch disks, which every update discards, make room.
  const others = placed.filter(({ role }) => role !== "scratch");
  return others.length > 0 ? { wanted, by: "device", candidates: others } : undefined;
}

/** Matches by name without extension, and by role and device. Refuses contradictions. */
function matchClaims(open: Open): void {
  const claims = open.wanted.flatMap((wanted) => claimOf(wanted, open) ?? []);
  const isClear = ({ wanted, by, candidates }: Claim): boolean => {
    const [only] = candidates;
    const isSole = claims.filter((each) => each.candidates.some((c) => c === only)).length === 1;
    return (
      only !== undefined &&
      candidates.length === 1 &&
      isSole &&
      (by === "name" || isSameKind(wanted, only))
    );
  };
  const clear = claims.filter(isClear);
  for (const claim of claims)
    if (!clear.includes(claim)) refuse(open, claim.wanted, claim.candidates);
  for (const { wanted, by, candidates } of clear) {
    const [old] = candidates;
    if (old !== undefined && wanted.role !== old.role) open.reasons.push(changedRole(wanted, old));
    settle(open, wanted, { old, by });
  }
}

/** Matches the remaining disks of a role, if there is exactly one on each side. */
function matchRest(open: Open, role: DiskRole): void {
  const wanted = open.wanted.filter((each) => each.role === role);
  const [first] = wanted;
  if (first === undefined) return;
  const old = open.old.filter((each) => isSameKind(first, each));
  const [only] = old;
  const isPair = wanted.length === 1 && old.length === 1;
  // A system disk is replaced as a whole, at any device.
  if (isPair && only !== undefined && (role === "system" || first.target === undefined))
    return settle(open, first, { old: only, by: "role" });
  for (const each of wanted) {
    const candidates = open.old.filter((candidate) => isSameKind(each, candidate));
    if (candidates.length > 0 && role !== "scratch") refuse(open, each, candidates);
    else settle(open, each, { old: undefined, by: "none" });
  }
}

/**
 * Matches the disks of a VM with those of the new version: by id, by the administrator's choice, by name without
 * extension, by role and device. Refuses ambiguous matches: a wrong one would give the VM an empty disk instead of its
 * data, or replace the data.
 *
 * @param told  device names by id of the new version; `none` for a disk that the VM does not have
 */
export function matchDisks(
  wanted: readonly WantedDisk[],
  current: readonly InstanceDisk[],
  told: Readonly<Record<string, string>> = {},
): MatchedDisks {
  const open: Open = { wanted: [...wanted], old: [...current], matches: new Map(), reasons: [] };
  matchIds(open, told);
  matchTold(open, told);
  matchClaims(open);
  for (const role of ["system", "data", "scratch"] as const) matchRest(open, role);
  return { matches: open.matches, reasons: open.reasons };
}

const reasonsFor: Readonly<Record<MatchedBy, string>> = {
  told: "as requested",
  id: "with the same id",
  name: "with the same name except for the extension",
  device: "with the same role and device",
  role: "the only one with its role",
  none: "new",
};

/** Describes a match: `it is the VM's disk data.raw at vdb, with the same id`. */
export function describeMatch({ old, by }: DiskMatch): string {
  if (old === undefined) return "the VM does not have it";
  return `it is the VM's disk ${old.id} at ${old.target}, ${reasonsFor[by]}`;
}
