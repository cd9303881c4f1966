import { link, symlink } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "../appliance/index.ts";
import type { ImageRequest } from "../image/index.ts";
import { makeFolder, moveInto, openTemporaryFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { readInstalled } from "../lib/installation.ts";
import {
  type PackageOptions,
  type PackagePlan,
  planNaming,
  planPackage,
  type TimedPackageOptions,
} from "../package/index.ts";
import { buildRpm, checkEngine, type EngineChoice, readRpm } from "../rpm/index.ts";
import { type Signer, signRpm, type TargetName } from "../sign/index.ts";
import { openSource, refuseBadBootFiles, type Source } from "../source/index.ts";
import { planBootFiles } from "./boot-files.ts";
import { imageRequestOf, packageOptionsOf } from "./build-defaults.ts";
import { planDocumentation } from "./documentation.ts";
import { executeImageStep, type ImageStep, planImageSteps } from "./image-steps.ts";
import { refuseForTargets } from "./refuse-targets.ts";
import { stagedAsIs } from "./staged-paths.ts";

/** Options for building an appliance. */
export interface BuildOptions {
  readonly outputFolder: string;
  readonly package?: PackageOptions | undefined;
  /** Default: raw disks become qcow2, compressed with zstd. */
  readonly images?: Partial<ImageRequest> | undefined;
  /** Undefined: the package is not signed. */
  readonly signer?: Signer | undefined;
  /** Systems that must be able to install the package; others are refused (default: none). */
  readonly targets?: readonly TargetName[];
  /** Folders of repositories that have what the package requires there (default: not examined). */
  readonly repositories?: readonly string[];
  /** Program that writes the package, and its settings (default: the native writer). */
  readonly engine?: EngineChoice;
  /** Maximum bytes to which the source may expand. */
  readonly maxExpandedBytes?: number | undefined;
}

/** Result of a build. */
export interface BuildResult {
  readonly path: string;
  readonly plan: PackagePlan;
  /** Findings about the source that did not prevent the package; `origin` is the file of a recipe. */
  readonly warnings: readonly (Problem & { readonly origin?: string })[];
}

/** Returns one line for a problem: `error: line 12: message [code]`. */
export function renderProblem(problem: Problem): string {
  const place = problem.line === undefined ? "" : `line ${problem.line}: `;
  return `${problem.severity}: ${place}${problem.message} [${problem.code}]`;
}

/**
 * Links unchanged files into the staging folder, beside the converted ones; nothing is copied. Hard links are temporary
 * files, as their source is; symbolic links lead to the user's own.
 */
async function stageAsIs(
  source: Source,
  staging: string,
  stagedPaths: readonly string[],
): Promise<void> {
  const wanted = new Set(stagedPaths);
  for (const file of source.files) {
    const stagedPath = stagedAsIs(file.path);
    if (!wanted.has(stagedPath)) continue;
    const target = path.join(staging, stagedPath);
    await makeFolder(path.dirname(target));
    await (source.isSpooled ? link : symlink)(file.absolutePath, target);
  }
}

async function planSteps(
  source: Source,
  request: ImageRequest,
  context: Context,
): Promise<readonly ImageStep[]> {
  await refuseBadBootFiles(source);
  const { kernel, initrd } = planBootFiles(source.appliance);
  const reserved = [kernel, initrd].flatMap((file) => (file === undefined ? [] : [file.name]));
  return planImageSteps(source, { request, reserved }, context);
}

function warningsOf(source: Source, steps: readonly ImageStep[]): readonly Problem[] {
  return [...source.problems, ...steps.flatMap((step) => step.warnings)];
}

async function plan(
  source: Source,
  steps: readonly ImageStep[],
  options: TimedPackageOptions,
): Promise<PackagePlan> {
  return planPackage({
    appliance: source.appliance,
    disks: steps.map((step) => step.shipped),
    ...planBootFiles(source.appliance),
    documentation: planDocumentation(source),
    postScriptlet: await readInstalled("spec-templates/scriptlets/post.sh"),
    options,
  });
}

/**
 * Returns the package that {@link buildAppliance} would build, without converting or writing anything. Digests and
 * sizes of converted disks are placeholders.
 *
 * @throws ApplianceError as {@link buildAppliance}
 */
export async function planBuild(
  origin: string,
  options: BuildOptions,
  context: Context,
): Promise<{ readonly plan: PackagePlan; readonly warnings: readonly Problem[] }> {
  await using source = await openBuildSource(origin, options, context);
  const package_ = packageOptionsOf(options, context);
  planNaming(source.appliance, package_);
  const steps = await planSteps(source, imageRequestOf(options), context);
  return { plan: await plan(source, steps, package_), warnings: warningsOf(source, steps) };
}

function openBuildSource(origin: string, options: BuildOptions, context: Context): Promise<Source> {
  return openSource(origin, context, {
    temporaryFolder: options.outputFolder,
    ...(options.maxExpandedBytes === undefined
      ? {}
      : { maxExpandedBytes: options.maxExpandedBytes }),
  });
}

/** An appliance prepared for a host, with its files as in its package. */
export interface StagedAppliance {
  readonly plan: PackagePlan;
  /** Folder with the plan's staged files; files that are shipped unchanged are links. */
  readonly stagingFolder: string;
  /** Findings about the source that did not prevent the package; `origin` is the file of a recipe. */
  readonly warnings: readonly (Problem & { readonly origin?: string })[];
  /**
   * SOURCE_DATE_EPOCH or the descriptor's date, Unix seconds. It makes two builds identical, including the signature.
   */
  readonly statedTimeSeconds: number | undefined;
}

/**
 * Converts the images of a source, and puts all files of its package into a temporary folder, which is removed when
 * this returns or throws.
 *
 * @param use  called with the folder while it exists
 * @throws ApplianceError as {@link buildAppliance}
 */
export async function withStagedAppliance<T>(
  origin: string,
  options: BuildOptions,
  on: { readonly context: Context; readonly use: (staged: StagedAppliance) => Promise<T> },
): Promise<T> {
  const { context } = on;
  await using _output = await makeFolder(options.outputFolder);
  await using source = await openBuildSource(origin, options, context);
  const chosen = packageOptionsOf(options, context);
  planNaming(source.appliance, chosen);
  await using staging = await openTemporaryFolder(options.outputFolder);
  const steps: ImageStep[] = [];
  for (const step of await planSteps(source, imageRequestOf(options), context)) {
    steps.push(await executeImageStep(step, staging.path, context));
  }
  const package_ = await plan(source, steps, chosen);
  const asIs = package_.entries.flatMap((entry) =>
    entry.kind === "file" && entry.source.kind === "staged" ? [entry.source.path] : [],
  );
  await stageAsIs(source, staging.path, asIs);
  return await on.use({
    plan: package_,
    stagingFolder: staging.path,
    warnings: warningsOf(source, steps),
    statedTimeSeconds: chosen.sourceDateEpoch ?? source.appliance.dateSeconds,
  });
}

/** Warns if another build of the same name, version and release is replaced. */
async function tellReplaced(built: string, target: string, context: Context): Promise<void> {
  const earlier = await readRpm(target).catch(() => undefined);
  if (earlier === undefined) return;
  const { header } = await readRpm(built);
  if (header.raw.equals(earlier.header.raw)) return;
  context.logger.warn(
    `${target}: replaces an earlier build; raise --release if the earlier one was published`,
  );
}

/**
 * Builds a signed RPM from an appliance tarball or directory, and returns its path. Temporary files are in the output
 * folder, and are removed when this returns or throws. The package appears there when it is complete and signed.
 *
 * @throws ApplianceError `SOURCE_*` with every problem of the source; `IMAGE_*`, `PLAN_*`, `RPM_*`, `SIGN_*` of the
 *   stages; `LIB_NO_SPACE`, `LIB_INTERRUPTED`
 */
export async function buildAppliance(
  origin: string,
  options: BuildOptions,
  context: Context,
): Promise<BuildResult> {
  await checkEngine(options.engine, options.outputFolder, context);
  const use = async (staged: StagedAppliance): Promise<BuildResult> => {
    const { plan: package_, stagingFolder, warnings } = staged;
    const folders = { stagingFolder, outputFolder: stagingFolder, isTemporary: true };
    const built = await buildRpm(package_, { ...folders, ...options.engine }, context);
    if (options.signer !== undefined) {
      const seconds = staged.statedTimeSeconds;
      await signRpm(built.path, options.signer, context, {
        createdAt: seconds === undefined ? undefined : new Date(seconds * 1000),
      });
    }
    await refuseForTargets([built], options, context);
    const target = path.join(options.outputFolder, path.basename(built.path));
    await tellReplaced(built.path, target, context);
    await moveInto(built.path, target);
    return { path: target, plan: package_, warnings };
  };
  return withStagedAppliance(origin, options, { context, use });
}
