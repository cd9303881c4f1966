import path from "node:path";
import { busyReasons } from "../machine/busy-reasons.ts";
import { toolCommand } from "../../lib/command-line.ts";
import { ApplianceError } from "../../errors.ts";
import type { DomainFacts } from "../../libvirt/index.ts";
import { filesOf, type Generation } from "../instance/instance.ts";
import type { FoundInstance } from "../instance/find-instances.ts";
import { consoleLogFile, consoleLogFiles, type HostPaths } from "../access/paths.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { consoleFileOf } from "../machine/console-file.ts";
import type { DiskFiles } from "./disk-files.ts";
import { type FileUses, useReasons } from "../uses/find-users.ts";
import type { GuestState } from "./guest-state.ts";

/** Options of `destroy`. */
export interface DestroyRequest {
  readonly data: "remove" | "keep";
  /** `stop`: forces a running VM off. Default: `refuse`. */
  readonly running?: "stop" | "refuse" | undefined;
}

/** Input for planning the deletion of a VM. */
export interface DestroyState {
  readonly found: FoundInstance;
  readonly facts: DomainFacts;
  /** Other users of its files. */
  readonly uses: FileUses;
  readonly guestState: GuestState;
  /** The files of its disks that belong to it. */
  readonly files: DiskFiles;
}

/** The plan of a VM's deletion. */
export interface DestroyOperation extends HostOperation {
  /**
   * Files that are kept: data disks, the TPM that may hold their key, disks that the administrator attached, devices.
   */
  readonly kept: readonly string[];
}

function generationsOf({ instance }: FoundInstance): readonly Generation[] {
  return [instance.current, instance.previous].filter((each) => each !== undefined);
}

/** Devices are never removed. */
function isDevice(file: string): boolean {
  return file.startsWith("/dev/");
}

/** Returns reasons for disks for which the domain has another file, which the administrator did not ask to delete. */
function elsewhereReasons(state: DestroyState, request: DestroyRequest): readonly string[] {
  const { vm } = state.found;
  return state.files.elsewhere
    .filter(({ disk }) => disk.role !== "data" || request.data === "remove")
    .map(({ disk, use }) => {
      const way = `${toolCommand("adopt", vm)} updates the record`;
      const keep = disk.role === "data" ? ", or use --keep-data" : "";
      return `disk ${disk.id}: the domain has ${use.file} at ${disk.target}, but the record names ${disk.path}; ${way}${keep}`;
    });
}

/** Returns reasons for data disks for which the domain has a source that cannot be read. */
function unseenReasons({ files }: DestroyState, request: DestroyRequest): readonly string[] {
  if (request.data === "keep") return [];
  return files.unseen.map(
    ({ disk, source }) =>
      `disk ${disk.id}: the domain has ${source} at ${disk.target}, which is missing or not a file on this host, but the record names ${disk.path}; use --keep-data`,
  );
}

function refusals(
  state: DestroyState,
  request: DestroyRequest,
  files: readonly string[],
): string[] {
  return [
    ...busyReasons(state, {
      running: request.running === "stop" ? "allow" : "refuse",
      snapshots: "refuse",
      snapshotNote: "; external ones with --metadata; their images are deleted with the VM",
    }),
    ...elsewhereReasons(state, request),
    ...unseenReasons(state, request),
    ...useReasons(files, state.uses),
  ];
}

/**
 * Returns every file that belongs to a VM, including data disks, but not its console logs, which no other domain needs.
 */
export function ownFiles(
  found: FoundInstance,
  { firmware, tpm }: GuestState,
  files: DiskFiles,
): readonly string[] {
  const { seed } = found.instance;
  return [
    ...files.own.map(({ path }) => path),
    ...generationsOf(found).flatMap((each) => [...filesOf(each), each.definition ?? ""]),
    seed?.path ?? "",
    ...firmware,
    ...tpm,
  ].filter((file) => file !== "");
}

/**
 * Returns the console logs of a VM from its domain: a renamed domain continues to write to its old log. A log in a
 * place that an administrator chose is not included.
 */
export function consoleLogsOf({ vm, xml }: FoundInstance, paths: HostPaths): readonly string[] {
  const file = consoleFileOf(xml) ?? consoleLogFile(paths, vm);
  const isOurs = path.dirname(file) === paths.consoleDir && file.endsWith("-console.log");
  return isOurs ? consoleLogFiles(file) : [];
}

/**
 * Plans the deletion of a VM: its domain, and every file that belongs only to it. Bases are kept, and so are data disks
 * on request, with the TPM that may hold their key. Once the domain is undefined, the operation cannot be undone, only
 * completed.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planDestroy(
  state: DestroyState,
  request: DestroyRequest,
  paths: HostPaths,
): DestroyOperation {
  const { found, facts, guestState, files: disks } = state;
  const { vm } = found;
  const { firmware, tpm } = guestState;
  const data = [
    ...disks.own.filter(({ role }) => role === "data").map((each) => each.path),
    ...disks.elsewhere.flatMap(({ disk, use }) => (disk.role === "data" ? [use.file] : [])),
  ];
  // A TPM releases a key only to the same firmware.
  const keys = tpm.length === 0 ? [] : [...tpm, ...firmware];
  // A VM that was created under the former name of this one writes to the same log.
  const logs = consoleLogsOf(found, paths).filter((log) => !state.uses.users.has(log));
  const own = [...ownFiles(found, guestState, disks), ...logs];
  const chosen = request.data === "keep" ? [...data, ...keys] : [];
  const kept = [...new Set([...chosen, ...own.filter(isDevice), ...disks.added])];
  const files = [...new Set(own)].filter((file) => !kept.includes(file));
  const reasons = refusals(state, request, files);
  if (reasons.length > 0) {
    throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be destroyed`, { details: reasons });
  }
  const undoable: readonly HostStep[] = [
    ...(facts.isActive ? [{ kind: "stop-domain" as const, vm }] : []),
    { kind: "undefine-domain", vm, xml: found.xml, autostart: facts.autostart },
  ];
  const rest = files.map((file): HostStep => ({ kind: "remove-file", path: file }));
  return {
    verb: "destroy",
    subject: vm,
    steps: [...undoable, ...rest],
    commitAfter: undoable.length,
    kept,
  };
}
