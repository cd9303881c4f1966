import { ApplianceError } from "../../errors.ts";
import { attributeOf, childOf, childrenOf } from "../../lib/xml/tree.ts";
import { parseXml } from "../../lib/xml/parse.ts";
import type { Domain } from "../../libvirt/index.ts";
import type { DomainDiskContent } from "../domain/disk-source.ts";
import { useReasons } from "../uses/find-users.ts";
import {
  type Generation,
  type Instance,
  type InstanceDisk,
  withSeedAt,
} from "../instance/instance.ts";
import { neededByItself } from "../machine/own-files.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { bootSettingsOf, changeDomain } from "./change-domain.ts";
import { counterpartOf } from "./counterpart.ts";
import type { DiskChange } from "./domain-target.ts";
import { type AcceptState, previousOf, type RemovedFile, removedFiles } from "./plan-accept.ts";
import { versionOf } from "./plan-update-boot.ts";
import { cannotShutDownReasons, exchangeReasons } from "./update-refusals.ts";
import { diskReasons } from "../machine/disk-reasons.ts";
import type { UpdateRequest } from "./update-request.ts";

/** Options of `rollback`. */
export type RollbackRequest = Pick<UpdateRequest, "stopSeconds" | "start">;

/** Input for planning a rollback. */
export interface RollbackState extends AcceptState {
  /** The previous definition; undefined if it is missing. */
  readonly definition: string | undefined;
  /** Problems of the previous version's bases, one sentence each. */
  readonly previousBaseProblems: readonly string[];
}

/** The plan of a rollback. */
export interface RollbackOperation extends HostOperation {
  readonly from: string;
  readonly to: string;
  readonly xml: string;
  /** Deleted files, with the space that the VM wrote since the update. */
  readonly removed: readonly RemovedFile[];
  readonly notes: readonly string[];
}

/** Returns the formats of the bases in a definition, by device name. */
function baseFormats(xml: string): ReadonlyMap<string, "qcow2" | "raw"> {
  const limits = { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 };
  const devices = childOf(parseXml(xml, "domain", limits), "devices");
  const formats = new Map<string, "qcow2" | "raw">();
  for (const disk of devices === undefined ? [] : childrenOf(devices, "disk")) {
    const target = childOf(disk, "target");
    const store = childOf(disk, "backingStore");
    const format = store === undefined ? undefined : childOf(store, "format");
    if (target === undefined || format === undefined) continue;
    const type = attributeOf(format, "type") === "raw" ? "raw" : "qcow2";
    formats.set(attributeOf(target, "dev") ?? "", type);
  }
  return formats;
}

/** Returns data disks that the previous version does not have; they are kept. */
function keptData(previous: Generation, current: Generation): readonly InstanceDisk[] {
  return current.disks.filter(
    (disk) => disk.role === "data" && counterpartOf(disk, current, previous) === undefined,
  );
}

/** Returns data disks that were moved in the domain, each with its present file, which is kept. */
function movedData(
  current: Generation,
  domain: Domain,
): ReadonlyMap<string, { readonly path: string; readonly source: string }> {
  const moved = current.disks.flatMap(({ id, role, target, path }) => {
    const source = domain.disks.find((disk) => disk.target === target)?.source;
    if (role !== "data" || source === undefined || source === path) return [];
    return [[id, { path, source }] as const];
  });
  return new Map(moved);
}

function changesOf(
  previous: Generation,
  current: Generation,
  definition: string,
): readonly DiskChange[] {
  const formats = baseFormats(definition);
  const contentOf = (disk: InstanceDisk): DomainDiskContent => {
    const { kind, path, format, base, target, layers } = disk;
    return { kind, path, format, base, layers, baseFormat: formats.get(target) ?? "qcow2" };
  };
  const back = previous.disks.flatMap((disk): readonly DiskChange[] => {
    const { id } = disk;
    const now = counterpartOf(disk, previous, current);
    if (now === undefined)
      return [{ change: "add", id, target: disk.target, content: contentOf(disk) }];
    return now.path === disk.path
      ? []
      : [{ change: "source", id, target: now.target, content: contentOf(disk) }];
  });
  const gone = current.disks.filter(
    (disk) => disk.role !== "data" && counterpartOf(disk, current, previous) === undefined,
  );
  return [...gone.map(({ id, target }) => ({ change: "remove" as const, id, target })), ...back];
}

/** Returns the restored previous version, including data disks that were added since then. */
function restored(previous: Generation, current: Generation): Generation {
  const disks = [...previous.disks, ...keptData(previous, current)];
  return { ...previous, disks, definition: undefined };
}

/** Returns reasons for files to be deleted that back a disk of the administrator. */
function neededReasons(state: RollbackState, files: readonly string[]): readonly string[] {
  const { machine, found } = state;
  const own = new Set(found.instance.current.disks.map(({ target }) => target));
  const others = machine.disks.flatMap(({ disk, chain }) =>
    chain === undefined || own.has(disk.target ?? "") ? [] : [{ file: disk.source ?? "", chain }],
  );
  const named = files.map((path) => ({ path, identity: machine.recorded.get(path) }));
  return neededByItself(named, others).map((file) => `${file}: another disk of the VM needs it`);
}

function refusals(state: RollbackState, request: RollbackRequest, previous: Generation): string[] {
  const { domain } = state.machine;
  const { current } = state.found.instance;
  const moved = movedData(current, domain);
  const movedFrom = new Set([...moved.values()].map(({ path }) => path));
  const missing = previous.disks.filter(
    (disk) => !state.allocated.has(disk.path) && !movedFrom.has(disk.path),
  );
  const gone = removedFiles(current, restored(previous, current), state.allocated);
  const files = gone.map(({ path }) => path);
  // A disk that was lost since the update is a reason to roll back.
  const lost = { has: (): boolean => true };
  return [
    ...exchangeReasons(state, request),
    ...cannotShutDownReasons(state, request),
    ...current.disks.flatMap((disk) => diskReasons(disk, state, lost)),
    ...missing.map((disk) => `disk ${disk.id}: its previous file ${disk.path} is missing`),
    ...(state.definition === undefined
      ? [`${previous.definition ?? "definition"}: its previous definition is missing`]
      : []),
    ...state.previousBaseProblems,
    // A broken other VM does not prevent a rollback.
    ...useReasons(files, { ...state.uses, obstacles: [] }),
    ...neededReasons(state, files),
  ];
}

function notesOf(current: Generation, previous: Generation, domain: Domain): readonly string[] {
  return [
    ...keptData(previous, current).map(
      (disk) => `disk ${disk.id}: added by ${versionOf(current)}; kept, like all data`,
    ),
    ...[...movedData(current, domain)].map(
      ([id, { source }]) => `disk ${id}: the domain has ${source} instead, which is kept`,
    ),
  ];
}

/**
 * Plans the rollback of a VM to its previous version: its old disks, kernel and boot settings. Keeps the
 * administrator's later changes and all data disks.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planRollback(state: RollbackState, request: RollbackRequest): RollbackOperation {
  const { found, facts, definition, allocated } = state;
  const { vm, instance } = found;
  const { current } = instance;
  const previous = previousOf(vm, instance);
  const generation = restored(previous, current);
  const reasons = refusals(state, request, previous);
  if (definition === undefined || reasons.length > 0)
    throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be rolled back`, { details: reasons });
  const withTargets = (targets: ReadonlyMap<string, string>): Instance => ({
    ...instance,
    current: {
      ...generation,
      disks: generation.disks.map((disk) => ({
        ...disk,
        target: targets.get(disk.id) ?? disk.target,
      })),
    },
    previous: undefined,
  });
  const xml = changeDomain(found.xml, {
    boot: bootSettingsOf(definition),
    disks: changesOf(previous, current, definition),
    minimumMemoryKiB: undefined,
    seed: instance.seed?.target,
    instance: (targets, seed) => withSeedAt(withTargets(targets), seed),
  });
  const removed = removedFiles(current, generation, allocated);
  const { start = "as-before" } = request;
  const starts = start === "yes" || (start === "as-before" && facts.isActive);
  const undoable: readonly HostStep[] = [
    ...(facts.isActive
      ? [{ kind: "shut-down" as const, vm, timeoutSeconds: request.stopSeconds ?? 0 }]
      : []),
    { kind: "define-domain", vm, xml, previousXml: found.xml },
    ...(starts ? [{ kind: "start-domain" as const, vm }] : []),
  ];
  const files = [...removed.map((file) => file.path), previous.definition ?? ""];
  return {
    verb: "rollback",
    subject: vm,
    steps: [
      ...undoable,
      ...files
        .filter((file) => file !== "")
        .map((path): HostStep => ({ kind: "remove-file", path })),
    ],
    commitAfter: undoable.length,
    from: versionOf(current),
    to: versionOf(previous),
    xml,
    removed,
    notes: notesOf(current, previous, state.machine.domain),
  };
}
