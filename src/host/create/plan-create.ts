import path from "node:path";
import type { Boot } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import type { BaseFile } from "../catalogue/catalogue-entry.ts";
import { domainTexts, type DomainTexts } from "../instance/domain-texts.ts";
import { consoleLogFile, type HostPaths } from "../access/paths.ts";
import { chooseBoot, likelyBoot } from "../domain/choose-boot.ts";
import type { CreateState } from "./create-state.ts";
import type { CreateRequest } from "./create-request.ts";
import {
  planBootFile,
  planDisks,
  type PlannedDisk,
  type PlannedFile,
} from "../domain/plan-disks.ts";
import { refusalsOf } from "./refusals.ts";
import { parameterValues, renderSeed, seedFile } from "./seed.ts";
import { virtInstallArguments } from "./virt-install-arguments.ts";

/** The disk with the parameters of a new VM. */
export interface PlannedSeed {
  readonly path: string;
  readonly base64: string;
  readonly parameters: readonly string[];
}

/** The plan of a new VM before virt-install has printed its domain. */
export interface CreatePlan {
  readonly request: CreateRequest;
  readonly entry: Readonly<Record<"name" | "package" | "version" | "release", string>>;
  /** UUID of the domain. */
  readonly texts: DomainTexts;
  readonly boot: Boot;
  readonly bootIndex: number;
  readonly domainType: string;
  readonly disks: readonly PlannedDisk[];
  readonly kernel: PlannedFile | undefined;
  readonly initrd: PlannedFile | undefined;
  readonly seed: PlannedSeed | undefined;
  /** Arguments of virt-install for printing the domain. */
  readonly virtInstall: readonly string[];
  /** Log file of the VM's console. */
  readonly consoleLog: string;
  readonly createdAt: string;
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

function planSeed(
  state: CreateState,
  request: CreateRequest,
  folder: string,
): PlannedSeed | undefined {
  const { parameters } = state.appliance;
  const input = { parameters, given: request.parameters ?? {} };
  const image = renderSeed({ ...input, vm: request.vm, now: state.now });
  return image === undefined
    ? undefined
    : {
        path: seedFile(folder, request.vm),
        base64: image.toString("base64"),
        parameters: [...parameterValues(input).keys()],
      };
}

function baseNamesOf(
  disks: readonly PlannedDisk[],
  files: readonly (BaseFile | undefined)[],
): readonly string[] {
  const ofDisks = disks.flatMap((disk) => disk.base?.path ?? []);
  const names = ofDisks.map((file) => path.basename(file));
  return [...new Set([...names, ...files.flatMap((file) => file?.file ?? [])])];
}

/** The files of a new VM. */
interface PlannedFiles extends Pick<CreatePlan, "disks" | "kernel" | "initrd" | "seed"> {
  /** Names of the created files. */
  readonly fileNames: readonly string[];
  /** Names of their bases. */
  readonly baseNames: readonly string[];
}

function planFiles(
  state: CreateState,
  request: CreateRequest,
  place: { readonly boot: Boot | undefined; readonly folder: string; readonly baseDir: string },
): PlannedFiles {
  const { entry, appliance } = state;
  const { boot, folder, baseDir } = place;
  const common = { entry, vm: request.vm, folder, baseDir };
  const disks = planDisks({
    ...common,
    appliance,
    drives: boot?.drives ?? [],
    system: request.system ?? "overlay",
  });
  const bases = boot?.os.kind === "kernel" ? entry : undefined;
  const own = (file: BaseFile | undefined): PlannedFile | undefined =>
    file === undefined ? undefined : planBootFile(common, file);
  const kernel = own(bases?.kernel);
  const initrd = own(bases?.initrd);
  const seed = planSeed(state, request, folder);
  const made = [...disks.filter((disk) => disk.kind !== "base"), kernel, initrd, seed];
  return {
    disks,
    kernel,
    initrd,
    seed,
    fileNames: made.flatMap((file) => (file === undefined ? [] : path.basename(file.path))),
    baseNames: baseNamesOf(disks, [bases?.kernel, bases?.initrd]),
  };
}

/**
 * Plans a new VM. Uses only the state, and changes nothing.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planCreate(
  state: CreateState,
  request: CreateRequest,
  host: { readonly paths: HostPaths; readonly uri: string | undefined },
): CreatePlan {
  const { entry, appliance, osinfo } = state;
  const chosen = chooseBoot(appliance, state.capabilities, request);
  const { boot, domainType } = chosen;
  const folder = state.folder?.path ?? host.paths.diskDir;
  const likely = likelyBoot(appliance, chosen, request.boot);
  const files = planFiles(state, request, { boot: likely, folder, baseDir: host.paths.baseDir });
  const refusals = refusalsOf({ state, request, chosen, drives: likely?.drives ?? [], ...files });
  if (boot === undefined || refusals.length > 0) {
    const what = `${entry.name}-${entry.version}-${entry.release}`;
    throw new ApplianceError("HOST_REFUSED", `${request.vm}: cannot be created from ${what}`, {
      details: refusals,
    });
  }
  const { disks, kernel, initrd, seed } = files;
  const input = { request, appliance, boot, domainType, osinfo, uri: host.uri, disks };
  return {
    request,
    entry: {
      name: entry.name,
      package: entry.package,
      version: entry.version,
      release: entry.release,
    },
    texts: domainTexts(entry, appliance.description),
    boot,
    bootIndex: chosen.index,
    domainType,
    disks,
    kernel,
    initrd,
    seed,
    virtInstall: virtInstallArguments(input),
    consoleLog: consoleLogFile(host.paths, request.vm),
    createdAt: state.now.toISOString(),
    notes: chosen.notes,
  };
}
