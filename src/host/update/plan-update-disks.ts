import path from "node:path";
import type { Drive } from "../../appliance/index.ts";
import type { DomainDiskContent } from "../create/domain-xml.ts";
import { planDisks } from "../create/plan-disks.ts";
import type { PlannedDisk } from "../create/plan-disks.ts";
import type { Domain } from "../../libvirt/index.ts";
import type { InstanceDisk } from "../instance.ts";
import type { HostStep } from "../steps/host-steps.ts";
import type { DiskChange } from "./domain-target.ts";
import type { UpdateState } from "./update-state.ts";

/** What an update does to the disks of a VM. */
export interface DisksPlan {
  /** Of the new version, in its order; kept data disks of before come last. Added disks have no target yet. */
  readonly disks: readonly InstanceDisk[];
  readonly changes: readonly DiskChange[];
  readonly steps: readonly HostStep[];
  /** Those that are made anew. */
  readonly made: readonly PlannedDisk[];
  /** Drives whose disk the catalogue does not know. */
  readonly unknown: readonly string[];
  /** Disks whose role is another than it was. */
  readonly changedRoles: readonly string[];
  /** What the administrator should know. */
  readonly notes: readonly string[];
}

/** Where disks are planned. */
export interface DisksPlace {
  readonly drives: readonly Drive[];
  /** Folder of disks that the VM does not have yet. */
  readonly folder: string;
  readonly baseDir: string;
  readonly domain: Domain;
}

/** Answers how a planned disk is written into the domain. */
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
    // A name of the version's own: the disk of before stays beside it.
    vm: `${found.vm}-${entry.version}-${entry.release}`,
    folder: old === undefined || old.kind === "base" ? place.folder : path.dirname(old.path),
    baseDir: place.baseDir,
    system: old?.kind === "copy" ? "copy" : "overlay",
  });
  return disk;
}

/** Answers the steps that make a disk, no smaller than the one it replaces. */
function stepsFor(disk: PlannedDisk, vm: string, leastBytes: number): readonly HostStep[] {
  const { step } = disk;
  if (step === undefined) return [];
  if (leastBytes <= disk.sizeBytes || disk.format === "iso") return [step];
  if (step.kind === "make-overlay" || step.kind === "make-empty")
    return [{ ...step, sizeBytes: leastBytes }];
  const { path: file, format } = disk;
  const target = disk.wantedTarget ?? "";
  return [step, { kind: "grow-disk", vm, target, path: file, format, sizeBytes: leastBytes }];
}

/** Plans a data disk that the VM has already: it stays, and grows when the version has a larger one. */
function keepData(
  state: UpdateState,
  domain: Domain,
  { old, wanted }: { readonly old: InstanceDisk; readonly wanted: PlannedDisk },
): Pick<DisksPlan, "steps" | "notes"> {
  const source = domain.disks.find((disk) => disk.target === old.target)?.source;
  if (source !== old.path) {
    const note = `disk ${old.id}: the domain has ${source ?? "nothing"} in its place, which stays`;
    return { steps: [], notes: [note] };
  }
  const known = state.disks.get(old.path);
  if (old.format === "iso" || known === undefined || wanted.sizeBytes <= known.virtualSizeBytes)
    return { steps: [], notes: [] };
  const { target, path: file, format } = old;
  const { sizeBytes } = wanted;
  const { vm } = state.found;
  return {
    steps: [{ kind: "grow-disk", vm, target, path: file, format, sizeBytes }],
    notes: [
      `disk ${old.id}: it grows from ${known.virtualSizeBytes} bytes to ${sizeBytes} bytes; partitions and file systems on it stay as large as they are`,
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
  if (!isKnown) draft.notes.push(`disk ${id}: the VM has none, and a new one is added`);
  const least = (isKnown ? state.disks.get(old.path)?.virtualSizeBytes : undefined) ?? 0;
  draft.steps.push(...stepsFor(planned, state.found.vm, least));
}

function addVanished(draft: Draft, old: InstanceDisk): void {
  if (old.role === "data") {
    draft.disks.push(old);
    draft.notes.push(`disk ${old.id}: this version does not name it; it stays, at ${old.target}`);
    return;
  }
  draft.changes.push({ change: "remove", id: old.id, target: old.target });
  draft.notes.push(`disk ${old.id}: this version does not have it, and it is taken out`);
}

/** Plans the disks of an update: system and scratch anew, data kept. */
export function planUpdateDisks(state: UpdateState, place: DisksPlace): DisksPlan {
  const { current } = state.found.instance;
  const draft: Draft = { disks: [], changes: [], steps: [], made: [], notes: [] };
  const unknown: string[] = [];
  const changedRoles: string[] = [];
  for (const drive of place.drives) {
    const old = current.disks.find((disk) => disk.id === drive.disk);
    const planned = planOne(state, drive, place, old);
    if (planned === undefined) unknown.push(drive.disk);
    else if (old !== undefined && old.role !== planned.role)
      changedRoles.push(
        `disk ${old.id}: it was ${old.role}, and is ${planned.role} in this version`,
      );
    else if (old !== undefined && old.role === "data") {
      const { steps, notes } = keepData(state, place.domain, { old, wanted: planned });
      draft.disks.push(old);
      draft.steps.push(...steps);
      draft.notes.push(...notes);
    } else addPlanned(draft, state, planned, old);
  }
  const named = new Set(place.drives.map((drive) => drive.disk));
  for (const old of current.disks) if (!named.has(old.id)) addVanished(draft, old);
  return { ...draft, unknown, changedRoles };
}
