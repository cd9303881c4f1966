import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { hostLayout, type PackagePlan, type PlannedEntry } from "../../package/index.ts";
import { fillTemplate, type StagedFacts } from "../../rpm/index.ts";
import type { HostPaths } from "../access/paths.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";

/** An appliance with staged files, as in its package. */
export interface StagedPackage {
  readonly plan: PackagePlan;
  readonly stagingFolder: string;
}

/** Input for planning an installation. */
export interface InstallState {
  readonly staged: StagedPackage;
  /** By path in the package, for every staged file that a template quotes. */
  readonly facts: ReadonlyMap<string, StagedFacts>;
  /** Planned paths that already exist. */
  readonly taken: readonly string[];
  /** The missing folders of {@link foldersOf}: only these are removed when the installation is undone. */
  readonly missingFolders: readonly string[];
}

/** Returns `PACKAGE-VERSION-RELEASE`. */
export function packageIdOf(plan: PackagePlan): string {
  return `${plan.name}-${plan.version}-${plan.release}`;
}

/** Returns every folder that the entries of a package need, those above it first. */
export function foldersOf(plan: PackagePlan): readonly string[] {
  const folders = new Set<string>();
  for (const entry of plan.entries) {
    let folder = entry.kind === "directory" ? entry.path : path.dirname(entry.path);
    for (; folder !== path.dirname(folder); folder = path.dirname(folder)) folders.add(folder);
  }
  return [...folders].sort();
}

function textStep(target: string, text: string, mode: number): HostStep {
  const base64 = Buffer.from(text, "utf8").toString("base64");
  return { kind: "write-file", path: target, base64, mode };
}

function stepFor(entry: PlannedEntry, state: InstallState, paths: HostPaths): HostStep[] {
  const target = path.join(paths.root, entry.path);
  if (entry.kind !== "file") return [];
  const { source, mode } = entry;
  if (source.kind === "staged") {
    const from = path.join(state.staged.stagingFolder, source.path);
    return [{ kind: "place-file", from, path: target, mode }];
  }
  if (source.kind === "text") return [textStep(target, source.text, mode)];
  if (source.kind === "hardlink") throw new TypeError("an appliance has no hard links");
  const factsOf = (quoted: string): StagedFacts => {
    const facts = state.facts.get(quoted);
    if (facts === undefined) throw new TypeError(`no facts about ${quoted}`);
    return facts;
  };
  return [textStep(target, fillTemplate(source.text, factsOf), mode)];
}

/**
 * Plans the files that a package would install: payload, catalogue entry, osinfo entry.
 *
 * @throws ApplianceError `HOST_REFUSED` if this version is already installed: a version is written once
 */
export function planInstall(state: InstallState, paths: HostPaths): HostOperation {
  const { plan } = state.staged;
  const id = packageIdOf(plan);
  if (state.taken.includes(`${hostLayout.catalogueDir}/${id}/catalogue.json`)) {
    throw new ApplianceError("HOST_REFUSED", `${id}: already installed`, {
      hint: "each version is installed once: choose another with --release, or uninstall this one first",
    });
  }
  if (state.taken.length > 0) {
    throw new ApplianceError("HOST_REFUSED", `${id}: cannot be installed`, {
      details: state.taken.map((file) => `${file}: already exists`),
      hint: "each version is installed once; choose another with --release",
    });
  }
  const steps = [
    ...state.missingFolders.map((folder): HostStep => ({
      kind: "make-folder",
      path: path.join(paths.root, folder),
    })),
    ...plan.entries.flatMap((entry) => stepFor(entry, state, paths)),
  ];
  return { verb: "install", subject: id, steps, commitAfter: steps.length };
}
