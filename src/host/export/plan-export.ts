import path from "node:path";
import { busyReasons } from "../machine/busy-reasons.ts";
import {
  type Appliance,
  type BootOs,
  renderDescriptor,
  validateAppliance,
} from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import { formatSizes } from "../../lib/format-size.ts";
import { isSameText } from "../instance/domain-texts.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { exportDisks, type ExportedDisks, type NameGiver, openNames } from "./export-disks.ts";
import type { ExportState } from "./export-state.ts";
import type { ExportRequest } from "./export-request.ts";

const DEFAULT_STOP_SECONDS = 120;

/** A complete plan of an export. */
export interface ExportOperation extends HostOperation {
  readonly folder: string;
  readonly appliance: Appliance;
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

/** Boot files of the VM, with their names in the folder. */
function exportBoot(
  state: ExportState,
  place: { readonly folder: string; readonly names: NameGiver },
): { readonly os: BootOs; readonly steps: readonly HostStep[] } {
  const { os: domainOs } = state.domain;
  const os = state.draft.appliance.boots[0]?.os ?? { kind: "loader", device: "hd" };
  if (os.kind !== "kernel" || domainOs.kernel === undefined) return { os, steps: [] };
  const steps: HostStep[] = [];
  const copy = (from: string): string => {
    const name = place.names.give(from, "");
    steps.push({ kind: "copy-file", from, path: path.join(place.folder, name) });
    return name;
  };
  const kernel = copy(domainOs.kernel);
  const initrd = domainOs.initrd === undefined ? undefined : copy(domainOs.initrd);
  return { os: { ...os, kernel, initrd }, steps };
}

/** Returns a text of the domain, unless it was generated for its version: a label must not contain the version. */
function unlessWritten(text: string | undefined, written: string | undefined): string | undefined {
  return isSameText(text, written) ? undefined : text;
}

/** Returns the appliance: the machine from the domain, the texts from the descriptor. */
function describe(state: ExportState, disks: ExportedDisks, os: BootOs): Appliance {
  const { draft, appliance: known, found, now } = state;
  const { version, release } = found.instance.current;
  const base = draft.appliance;
  const { memoryKiB } = base;
  const least = known?.minimumMemoryKiB;
  return {
    ...base,
    version,
    release,
    label: known?.label ?? unlessWritten(base.label, found.instance.current.title),
    description:
      known?.description ?? unlessWritten(base.description, found.instance.current.description),
    license: known?.license,
    url: known?.url,
    vendor: known?.vendor,
    packager: known?.packager,
    changelog: known?.changelog,
    dateSeconds: Math.floor(now.getTime() / 1000),
    minimumMemoryKiB:
      least !== undefined && memoryKiB !== undefined && least > memoryKiB ? undefined : least,
    // In the domain, this element refers to virt-appliance.
    osinfo: known?.osinfo,
    parameters: known?.parameters ?? [],
    boots: base.boots.map((boot) => ({ ...boot, os, drives: disks.drives })),
    disks: disks.disks,
  };
}

function spaceReasons({ freeBytes, neededBytes }: ExportState, folder: string): readonly string[] {
  if (freeBytes === undefined || freeBytes >= neededBytes) return [];
  const [free, needed] = formatSizes(freeBytes, neededBytes);
  return [`${folder}: ${free} are free, up to ${needed} needed`];
}

function reasonsAgainst(state: ExportState, request: ExportRequest): readonly string[] {
  const { folderProblem, differences } = state;
  const stale = differences.filter(({ code }) => ["disk-running", "disk-chain"].includes(code));
  return [
    ...stale.map(({ what }) => `it ${what}; virt-appliance doctor reports what to do`),
    ...busyReasons(state, {
      running: request.running === "stop" ? "allow" : "refuse",
      snapshots: "allow",
    }),
    ...(folderProblem === undefined ? [] : [folderProblem]),
    ...spaceReasons(state, path.dirname(request.folder)),
  ];
}

function stepsOf(
  state: ExportState,
  request: ExportRequest,
  parts: { readonly staging: string; readonly files: readonly HostStep[]; readonly xml: string },
): readonly HostStep[] {
  const { vm } = state.found;
  const { staging, files, xml } = parts;
  const { isActive } = state.facts;
  const { stopSeconds = DEFAULT_STOP_SECONDS } = request;
  return [
    ...(isActive ? [{ kind: "shut-down" as const, vm, timeoutSeconds: stopSeconds }] : []),
    { kind: "make-private-folder", path: staging },
    ...files,
    {
      kind: "write-file",
      path: path.join(staging, "appliance.xml"),
      base64: Buffer.from(xml, "utf8").toString("base64"),
      mode: 0o644,
    },
    { kind: "move-folder", from: staging, path: request.folder },
    ...(isActive && request.start === true ? [{ kind: "start-domain" as const, vm }] : []),
  ];
}

/**
 * Plans the export of a VM into a folder that `build` can package. Does not change the VM. Uses only the state.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planExport(state: ExportState, request: ExportRequest): ExportOperation {
  const { vm } = state.found;
  const { staging } = state;
  const names = openNames();
  const disks = exportDisks(state, { folder: staging, names });
  const boot = exportBoot(state, { folder: staging, names });
  const appliance = describe(state, disks, boot.os);
  const problems = validateAppliance(appliance).filter(({ severity }) => severity === "error");
  const reasons = [
    ...reasonsAgainst(state, request),
    ...disks.reasons,
    ...problems.map(({ message }) => message),
  ];
  if (reasons.length > 0)
    throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be exported`, { details: reasons });
  const files = [...disks.steps, ...boot.steps];
  const steps = stepsOf(state, request, { staging, files, xml: renderDescriptor(appliance) });
  const lost = state.draft.notes.filter(({ kind }) => kind === "lost");
  return {
    verb: "export",
    subject: vm,
    steps,
    commitAfter: steps.length,
    folder: request.folder,
    appliance,
    notes: [...disks.notes, ...lost.map(({ message }) => message)],
  };
}
