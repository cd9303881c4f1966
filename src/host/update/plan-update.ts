import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import type { Domain } from "../../libvirt/index.ts";
import { likelyBoot } from "../domain/choose-boot.ts";
import type { PlannedFile } from "../domain/plan-disks.ts";
import { domainTexts } from "../instance/domain-texts.ts";
import { type Instance, type InstanceFile, withSeedAt } from "../instance/instance.ts";
import type { HostPaths } from "../access/paths.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { changeDomain } from "./change-domain.ts";
import {
  type BootFiles,
  bootSettings,
  chooseBootFor,
  planBootFiles,
  versionOf,
} from "./plan-update-boot.ts";
import { consoleLogOf } from "../machine/console-file.ts";
import type { DiskMatch } from "./match-disks.ts";
import { type DisksPlan, planUpdateDisks } from "./plan-update-disks.ts";
import { updateNotes } from "./update-notes.ts";
import { updateRefusals } from "./update-refusals.ts";
import { foldersOf, type UpdateState } from "./update-state.ts";
import type { UpdateRequest } from "./update-request.ts";

/** A complete plan of an update. */
export interface UpdateOperation extends HostOperation {
  /** VERSION-RELEASE before and after the update. */
  readonly from: string;
  readonly to: string;
  /** The domain to define. */
  readonly xml: string;
  readonly instance: Instance;
  /** Match of each disk of the version. */
  readonly disks: readonly DiskMatch[];
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

function baseNamesOf(disks: DisksPlan, { kernel, initrd }: BootFiles): readonly string[] {
  const bases = [...disks.made, kernel, initrd].flatMap((file) => file?.base?.path ?? []);
  return [...new Set(bases.map((file) => path.basename(file)))];
}

function fileOf(file: PlannedFile | undefined): InstanceFile | undefined {
  return file === undefined ? undefined : { path: file.path, base: file.base };
}

/** Returns the path for the previous definition: by UUID, because a VM can be renamed. */
function definitionFile(domain: Domain, vm: string, paths: HostPaths): string {
  const name = /^[0-9a-f-]{36}$/i.test(domain.uuid ?? "") ? domain.uuid : vm;
  return path.join(paths.stateDir, "definitions", `${name}.xml`);
}

interface UpdateParts {
  readonly disks: DisksPlan;
  readonly files: BootFiles;
  readonly index: number;
  readonly definition: string;
}

function instanceOf(
  state: UpdateState,
  parts: UpdateParts,
  targets: ReadonlyMap<string, string>,
): Instance {
  const { found, entry, appliance, now } = state;
  const { disks, files, index, definition } = parts;
  return {
    ...found.instance,
    current: {
      version: entry.version,
      release: entry.release,
      since: now.toISOString(),
      boot: index,
      disks: disks.disks.map((disk) => ({ ...disk, target: targets.get(disk.id) ?? disk.target })),
      kernel: fileOf(files.kernel),
      initrd: fileOf(files.initrd),
      definition: undefined,
      ...domainTexts(entry, appliance.description),
    },
    previous: { ...found.instance.current, definition },
  };
}

/** Returns the steps that start a VM again, and check it. */
function startSteps(
  state: UpdateState,
  request: UpdateRequest,
  paths: HostPaths,
  consoleLog: string | undefined,
): readonly HostStep[] {
  const { found, facts, entry, now } = state;
  const { vm, instance } = found;
  const { start: runs = "as-before" } = request;
  const isWanted = runs === "yes" || (runs === "as-before" && facts.isActive);
  if (!isWanted && request.verify === undefined) return [];
  const start: HostStep = { kind: "start-domain", vm };
  if (request.verify === undefined) return [start];
  const time = now.toISOString().replaceAll(/[^0-9]/g, "");
  const name = `${vm}-${versionOf(entry)}-${time}.log`;
  return [
    start,
    {
      kind: "verify",
      vm,
      verification: request.verify,
      consoleLog: consoleLog ?? null,
      keptLog: path.join(paths.stateDir, "failed-updates", name),
      previous: versionOf(instance.current),
    },
  ];
}

function stepsOf(
  state: UpdateState,
  request: UpdateRequest,
  input: {
    readonly parts: UpdateParts;
    readonly xml: string;
    readonly starting: readonly HostStep[];
  },
): readonly HostStep[] {
  const { found, facts } = state;
  const { vm } = found;
  const { disks, files, definition } = input.parts;
  const base64 = Buffer.from(found.xml).toString("base64");
  const stop: readonly HostStep[] = facts.isActive
    ? [{ kind: "shut-down", vm, timeoutSeconds: request.stopSeconds ?? 0 }]
    : [];
  return [
    ...stop,
    ...disks.steps,
    ...[files.kernel, files.initrd].flatMap((file) => (file === undefined ? [] : [file.step])),
    { kind: "write-file", path: definition, base64 },
    { kind: "define-domain", vm, xml: input.xml, previousXml: found.xml },
    ...input.starting,
  ];
}

/**
 * Plans the update of a VM: system and scratch disks of the new version, its kernel and boot settings, the same data
 * disks, and the definition changed by the table in `domain-rules.ts`. If it is interrupted, or the VM does not come
 * up, everything is undone.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planUpdate(
  state: UpdateState,
  request: UpdateRequest,
  paths: HostPaths,
): UpdateOperation {
  const { found, entry, appliance } = state;
  const { vm, instance } = found;
  const { domain } = state.machine;
  const chosen = chooseBootFor(state, domain);
  const [folder = paths.diskDir] = foldersOf(instance.current, paths.diskDir);
  const drives = likelyBoot(appliance, chosen)?.drives ?? [];
  const disks = planUpdateDisks(state, {
    drives,
    folder,
    baseDir: paths.baseDir,
    domain,
    told: request.disks,
  });
  const files = planBootFiles(state, chosen.boot, paths);
  const bootFiles = [files.kernel, files.initrd].filter((file) => file !== undefined);
  const baseNames = baseNamesOf(disks, files);
  const consoleLog = consoleLogOf(found.xml);
  const input = { disks, bootFiles, chosen, baseNames, consoleLog };
  const refusals = updateRefusals(state, request, input);
  if (chosen.boot === undefined || refusals.length > 0) {
    const what = `${entry.name} ${versionOf(entry)}`;
    throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be updated to ${what}`, {
      details: refusals,
    });
  }
  const kernel = files.kernel?.path;
  const initrd = files.initrd?.path;
  const boot = bootSettings(chosen.boot, { kernel, initrd }, entry.osinfoIds[0]);
  const definition = definitionFile(domain, vm, paths);
  const parts = { disks, files, index: chosen.index, definition };
  let updated = instance;
  const xml = changeDomain(found.xml, {
    boot,
    disks: disks.changes,
    minimumMemoryKiB: appliance.minimumMemoryKiB,
    seed: instance.seed?.target,
    instance: (targets, seed) => (updated = withSeedAt(instanceOf(state, parts, targets), seed)),
  });
  const starting = startSteps(state, request, paths, consoleLog);
  const steps = stepsOf(state, request, { parts, xml, starting });
  return {
    verb: "update",
    subject: vm,
    steps,
    commitAfter: steps.length,
    from: versionOf(instance.current),
    to: versionOf(entry),
    xml,
    instance: updated,
    disks: disks.matches,
    notes: [...disks.notes, ...updateNotes(state, domain, boot)],
  };
}
