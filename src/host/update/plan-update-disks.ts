import path from "node:path";
import { type Drive, isDiscFormat } from "../../appliance/index.ts";
import { formatSizes } from "../../lib/format-size.ts";
import type { DomainDiskContent } from "../domain/disk-source.ts";
import { planDisks, type PlannedDisk } from "../domain/plan-disks.ts";
import type { Domain } from "../../libvirt/index.ts";
import type { InstanceDisk } from "../instance/instance.ts";
import type { HostStep } from "../steps/host-steps.ts";
import type { DiskChange } from "./domain-target.ts";
import { describeMatch, type DiskMatch, matchDisks, type WantedDisk } from "./match-disks.ts";
import type { UpdateState } from "./update-state.ts";

/** The changes of an update to the disks of a VM. */
export interface DisksPlan {
  /** Disks of the new version, in its order, followed by kept data disks. Added disks have no target yet. */
  readonly disks: readonly InstanceDisk[];
  readonly changes: readonly DiskChange[];
  readonly steps: readonly HostStep[];
  /** Newly created disks. */
  readonly made: readonly PlannedDisk[];
  /** Drives whose disk is not in the catalogue. */
  readonly unknown: readonly string[];
  /** Reasons from matching the disks. */
  readonly mismatches: readonly string[];
  /** The matches, in the order of the version. */
  readonly matches: readonly DiskMatch[];
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

/** Context for planning disks. */
export interface DisksPlace {
  readonly drives: readonly Drive[];
  /** Folder of disks that the VM does not have yet. */
  readonly folder: string;
  readonly baseDir: string;
  readonly domain: Domain;
  /** The administrator's device names of disks, by id. */
  readonly told: Readonly<Record<string, string>> | undefined;
}

/** Returns the content of a planned disk for the domain. */
function contentOf(disk: PlannedDisk): DomainDiskContent {
  const { kind, path: file, format, base, step } = disk;
  const baseFormat = step?.kind === "make-overlay" && step.baseFormat === "raw" ? "raw" : "qcow2";
  return { kind, path: file, format, base, baseFormat };
}

function planOne(
  state: UpdateState,
  drive: Drive,
  place: DisksPlace,
  old: InstanceDisk | undefined,
): PlannedDisk | undefined {
  const { entry, appliance, found } = state;
  const [disk] = planDisks({
    entry,
    appliance,
    drives: [drive],
    // The name includes the version, because the previous disk is kept beside it.
    vm: `${found.vm}-${entry.version}-${entry.release}`,
    folder: old === undefined || old.kind === "base" ? place.folder : path.dirname(old.path),
    baseDir: place.baseDir,
    system: old?.kind === "copy" ? "copy" : "overlay",
  });
  return disk;
}

/** Returns the steps that create a disk, not smaller than the replaced one. */
function stepsFor(disk: PlannedDisk, vm: string, leastBytes: number): readonly HostStep[] {
  const { step } = disk;
  if (step === undefined) return [];
  if (leastBytes <= disk.sizeBytes || isDiscFormat(disk.format)) return [step];
  if (step.kind === "make-overlay" || step.kind === "make-empty")
    return [{ ...step, sizeBytes: leastBytes }];
  const { path: file, format } = disk;
  const target = disk.wantedTarget ?? "";
  return [step, { kind: "grow-disk", vm, target, path: file, format, sizeBytes: leastBytes }];
}

/** Plans an existing data disk: it is kept, and grows if the version has a larger one. */
function keepData(
  state: UpdateState,
  domain: Domain,
  { old, wanted }: { readonly old: InstanceDisk; readonly wanted: PlannedDisk },
): Pick<DisksPlan, "steps" | "notes"> {
  const source = domain.disks.find((disk) => disk.target === old.target)?.source;
  if (source !== old.path) {
    const note = `disk ${old.id}: the domain has ${source ?? "nothing"} instead, which is kept`;
    return { steps: [], notes: [note] };
  }
  const known = state.disks.get(old.path);
  if (isDiscFormat(old.format) || known === undefined || wanted.sizeBytes <= known.virtualSizeBytes)
    return { steps: [], notes: [] };
  const { target, path: file, format } = old;
  const { sizeBytes } = wanted;
  const { vm } = state.found;
  const [from, to] = formatSizes(known.virtualSizeBytes, sizeBytes);
  return {
    steps: [{ kind: "grow-disk", vm, target, path: file, format, sizeBytes }],
    notes: [
      `disk ${old.id}: grows from ${from} to ${to}; its partitions and file systems keep their size`,
    ],
  };
}

interface Draft {
  readonly disks: InstanceDisk[];
  readonly changes: DiskChange[];
  readonly steps: HostStep[];
  readonly made: PlannedDisk[];
  readonly notes: string[];
}

function addPlanned(
  draft: Draft,
  state: UpdateState,
  planned: PlannedDisk,
  old: InstanceDisk | undefined,
): void {
  const { id, role, kind, path: file, format, base } = planned;
  const content = contentOf(planned);
  const target = old?.target ?? "";
  draft.disks.push({ id, role, kind, path: file, format, target, base });
  draft.made.push(planned);
  const isKnown = old !== undefined;
  if (isKnown) draft.changes.push({ change: "source", id, target, content });
  else draft.changes.push({ change: "add", id, target: planned.wantedTarget, content });
  if (!isKnown) draft.notes.push(`disk ${id}: the VM does not have it; adds a new one`);
  const least = (isKnown ? state.disks.get(old.path)?.virtualSizeBytes : undefined) ?? 0;
  draft.steps.push(...stepsFor(planned, state.found.vm, least));
}

function addVanished(draft: Draft, old: InstanceDisk): void {
  if (old.role === "data") {
    draft.disks.push(old);
    draft.notes.push(`disk ${old.id}: not in this version; kept at ${old.target}`);
    return;
  }
  draft.changes.push({ change: "remove", id: old.id, target: old.target });
  draft.notes.push(`disk ${old.id}: not in this version; removed from the VM`);
}

/** Returns the disks of the version, from its catalogue entry and its descriptor. */
function wantedDisks({ entry, appliance }: UpdateState, drives: readonly Drive[]): WantedDisk[] {
  return drives.flatMap(({ disk: id, target }) => {
    const base = entry.bases.find(({ disk }) => disk === id);
    const role = base?.role ?? entry.empty.find(({ disk }) => disk === id)?.role;
    const file = appliance.disks.find((disk) => disk.id === id)?.file ?? id;
    return role === undefined
      ? []
      : [{ id, file, role, target, isDisc: isDiscFormat(base?.format) }];
  });
}

/** Plans the disks of an update: new system and scratch disks, and existing data disks. */
export function planUpdateDisks(state: UpdateState, place: DisksPlace): DisksPlan {
  const { current } = state.found.instance;
  const draft: Draft = { disks: [], changes: [], steps: [], made: [], notes: [] };
  const wanted = wantedDisks(state, place.drives);
  const { matches, reasons } = matchDisks(wanted, current.disks, place.told);
  for (const { disk: id, target } of place.drives) {
    const match = matches.get(id);
    if (match === undefined) continue;
    const { old } = match;
    const planned = planOne(state, { disk: id, target, line: 0 }, place, old);
    if (planned === undefined || (old !== undefined && old.role !== planned.role)) continue;
    if (old !== undefined && match.by !== "id")
      draft.notes.push(`disk ${id}: ${describeMatch(match)}`);
    if (old?.role === "data") {
      const { steps, notes } = keepData(state, place.domain, { old, wanted: planned });
      draft.disks.push({ ...old, id });
      draft.steps.push(...steps);
      draft.notes.push(...notes);
    } else addPlanned(draft, state, planned, old);
  }
  const kept = new Set([...matches.values()].map(({ old }) => old));
  for (const old of current.disks) if (!kept.has(old)) addVanished(draft, old);
  const known = new Set(wanted.map(({ id }) => id));
  const unknown = place.drives.map(({ disk }) => disk).filter((id) => !known.has(id));
  return {
    ...draft,
    unknown,
    mismatches: reasons,
    matches: place.drives.flatMap(({ disk }) => matches.get(disk) ?? []),
  };
}
