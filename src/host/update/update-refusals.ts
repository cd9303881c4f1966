import path from "node:path";
import type { Appliance } from "../../appliance/index.ts";
import { formatSizes } from "../../lib/format-size.ts";
import type { Domain } from "../../libvirt/index.ts";
import type { ChosenBoot } from "../domain/choose-boot.ts";
import type { PlannedFile } from "../domain/plan-disks.ts";
import { busyReasons, internalSnapshotReasons } from "../machine/busy-reasons.ts";
import { diskReasons } from "../machine/disk-reasons.ts";
import { virshHint } from "../access/virsh-hint.ts";
import type { DisksPlan } from "./plan-update-disks.ts";
import { checkReasons } from "./check-reasons.ts";
import type { UpdateState } from "./update-state.ts";
import type { VmState } from "../machine/vm-state.ts";
import type { UpdateRequest } from "./update-request.ts";

/** Space of a small new file. */
const SMALL_FILE_BYTES = 1024 * 1024;

/** What to do with a VM that cannot react to a shutdown request, by its state. */
const resumeHints: Readonly<Record<string, { readonly what: string; readonly command: string }>> = {
  paused: { what: "resume it", command: "resume" },
  pmsuspended: { what: "resume it", command: "dompmwakeup" },
  crashed: { what: "stop it", command: "destroy" },
};

/** Returns why the disks of a VM must not be exchanged now: something uses them, or needs them as they are. */
export function exchangeReasons(
  state: VmState,
  { stopSeconds }: Pick<UpdateRequest, "stopSeconds">,
): readonly string[] {
  const running = stopSeconds === undefined ? "refuse" : "allow";
  return [
    ...busyReasons(state, { running, snapshots: "refuse" }),
    ...internalSnapshotReasons(state),
  ];
}

/** Returns why a VM cannot shut down when it is asked to. */
export function cannotShutDownReasons(
  { found, facts }: Pick<VmState, "found" | "facts">,
  request: Pick<UpdateRequest, "stopSeconds">,
): readonly string[] {
  const hint = resumeHints[facts.state];
  if (request.stopSeconds === undefined || hint === undefined) return [];
  const command = virshHint(hint.command, found);
  return [`it is ${facts.state}; ${hint.what} with ${command}`];
}

function versionReasons({ found, entry }: UpdateState): readonly string[] {
  const { current, previous } = found.instance;
  const isSame = current.version === entry.version && current.release === entry.release;
  const since = `${current.version}-${current.release}`;
  return [
    ...(isSame ? [`it already runs ${since}`] : []),
    ...(previous === undefined
      ? []
      : [`its update to ${since} is pending: accept it or roll it back first`]),
  ];
}

function firmwareReasons(appliance: Appliance, domain: Domain): readonly string[] {
  const wanted = appliance.firmware;
  const has = domain.os.firmware ?? "bios";
  return wanted === undefined || wanted === has
    ? []
    : [`firmware: this version needs ${wanted}, the VM has ${has}; create a new VM for it`];
}

/** Files that an update creates. */
export interface UpdateFiles {
  readonly disks: DisksPlan;
  readonly bootFiles: readonly PlannedFile[];
}

function pathsOf({ disks, bootFiles }: UpdateFiles): readonly string[] {
  const made = disks.made.filter((disk) => disk.kind !== "base");
  return [...made, ...bootFiles].map((file) => file.path);
}

function spaceReasons(state: UpdateState, files: UpdateFiles): readonly string[] {
  const needed = new Map<number, { bytes: number; readonly folder: string }>();
  for (const file of [...files.disks.made, ...files.bootFiles]) {
    const folder = path.dirname(file.path);
    const found = state.folders.get(folder);
    if (found === undefined || file.step === undefined) continue;
    const name = path.basename(file.base?.path ?? "");
    const copied = file.step.kind === "copy-file" ? state.bases.get(name)?.allocatedBytes : 0;
    const sum = needed.get(found.device) ?? { bytes: 0, folder };
    needed.set(found.device, { ...sum, bytes: sum.bytes + SMALL_FILE_BYTES + (copied ?? 0) });
  }
  return [...needed.values()].flatMap(({ bytes, folder }) => {
    const free = state.folders.get(folder)?.freeBytes ?? bytes;
    if (bytes <= free) return [];
    const [room, needs] = formatSizes(free, bytes);
    return [`${folder}: ${room} are free, the new disks need ${needs}`];
  });
}

function fileReasons(state: UpdateState, files: UpdateFiles): readonly string[] {
  return pathsOf(files).flatMap((file) => {
    const folder = state.folders.get(path.dirname(file));
    if (folder === undefined) return [`${path.dirname(file)}: the folder cannot be read`];
    return folder.names.includes(path.basename(file)) ? [`${file}: the file exists`] : [];
  });
}

/** Returns every reason why a VM cannot be updated, one sentence each; none when it can. */
export function updateRefusals(
  state: UpdateState,
  request: UpdateRequest,
  input: UpdateFiles & {
    readonly chosen: ChosenBoot;
    readonly baseNames: readonly string[];
    readonly consoleLog: string | undefined;
  },
): readonly string[] {
  const { xml } = state.found;
  const { domain } = state.machine;
  const { disks } = input;
  const empty = disks.made.filter((disk) => disk.kind === "empty" && disk.sizeBytes === 0);
  return [
    ...versionReasons(state),
    ...exchangeReasons(state, request),
    ...cannotShutDownReasons(state, request),
    ...state.found.instance.current.disks.flatMap((disk) => diskReasons(disk, state, state.disks)),
    ...input.chosen.reasons,
    ...firmwareReasons(state.appliance, domain),
    ...disks.mismatches,
    ...disks.unknown.map((id) => `disk ${id}: the catalogue has neither a base nor a size for it`),
    ...empty.map((disk) => `disk ${disk.id}: an empty disk needs a size, but the version has none`),
    ...input.baseNames.flatMap((name) => state.bases.get(name)?.problem ?? []),
    ...state.currentBaseProblems,
    ...fileReasons(state, input),
    ...spaceReasons(state, input),
    ...checkReasons(request.verify, { domain, xml, consoleLog: input.consoleLog }),
  ];
}
