import path from "node:path";
import { type Disk, isShippedFormat, type Problem } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import {
  compressRaw,
  convertImage,
  type ImageFacts,
  type ImagePlan,
  type ImageRequest,
  inspectImage,
  planImage,
  refuseDisguise,
} from "../image/index.ts";
import { makeFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { type ShippedDisk, shippedFileName } from "../package/index.ts";
import type { Source, SourceFile } from "../source/index.ts";
import { UNPACK_LIST } from "./boot-files.ts";
import { stagedAsIs, stagedMade } from "./staged-paths.ts";

/** How one disk of the source is shipped in the package. */
export interface ImageStep {
  /** Absolute path of the disk in the source. */
  readonly from: string;
  readonly facts: ImageFacts;
  readonly plan: ImagePlan;
  readonly shipped: ShippedDisk;
  /** Warnings, with the name of the disk. */
  readonly warnings: readonly Problem[];
}

function shippedFormat(facts: ImageFacts, plan: ImagePlan): ShippedDisk["format"] {
  if (plan.action === "convert") return "qcow2";
  return isShippedFormat(facts.format) ? facts.format : "qcow2";
}

/** Returns the name of a disk in the payload, and its name once the host has expanded it, and reserves both. */
function nameDisk(
  disk: Disk,
  action: ImagePlan["action"],
  taken: Set<string>,
): { readonly name: string; readonly expandedName: string } {
  if (action !== "compress-raw") {
    const name = shippedFileName(disk.file, action === "keep" ? undefined : "qcow2", taken);
    taken.add(name);
    return { name, expandedName: name };
  }
  // Both names must be free, with and without the suffix.
  const bare = [...taken].map((name) => name.replace(/\.zst$/, ""));
  const expandedName = shippedFileName(disk.file, "raw", new Set([...taken, ...bare]));
  const name = `${expandedName}.zst`;
  taken.add(expandedName).add(name);
  return { name, expandedName };
}

function ship(
  disk: Disk,
  decided: { readonly facts: ImageFacts; readonly plan: ImagePlan },
  taken: Set<string>,
): ShippedDisk {
  const { facts, plan } = decided;
  const { name, expandedName } = nameDisk(disk, plan.action, taken);
  return {
    disk,
    name,
    stagedPath: plan.action === "keep" ? stagedAsIs(disk.file) : stagedMade(name),
    unpack:
      plan.action === "compress-raw"
        ? { action: "expand", targetName: expandedName, expanded: undefined }
        : { action: "link" },
    format: shippedFormat(facts, plan),
    virtualSizeBytes: facts.virtualSizeBytes,
  };
}

/** Converts a failure of a disk to the user's path of the source, because its temporary file is already removed. */
function inSource(error: unknown, source: Source, file: SourceFile): unknown {
  const { absolutePath } = file;
  if (!(error instanceof ApplianceError) || !error.message.startsWith(absolutePath)) return error;
  const { code, hint, details } = error;
  const fact = error.message.slice(absolutePath.length);
  return new ApplianceError(code, `${source.origin}: ${file.path}${fact}`, {
    details,
    cause: error,
    hint,
  });
}

/**
 * Returns facts about a disk and how it is shipped. A file that is shipped byte for byte must have its declared format.
 */
async function decide(
  file: SourceFile,
  disk: Disk,
  request: ImageRequest,
  context: Context,
): Promise<{ readonly facts: ImageFacts; readonly plan: ImagePlan }> {
  const { absolutePath } = file;
  const facts = await inspectImage(absolutePath, context, { format: disk.format });
  const plan = planImage(facts, request);
  if (plan.action !== "convert") refuseDisguise(facts.content, facts.format, absolutePath);
  return { facts, plan };
}

/**
 * Examines every shipped disk, and decides how it is shipped. Scratch disks are never shipped; a data disk that has
 * only a size is created on the host.
 *
 * @param reserved  names in the payload directory that are in use: kernel, initrd
 * @throws ApplianceError `IMAGE_*` for a disk that cannot be shipped
 */
export async function planImageSteps(
  source: Source,
  options: { readonly request: ImageRequest; readonly reserved: readonly string[] },
  context: Context,
): Promise<readonly ImageStep[]> {
  const taken = new Set([UNPACK_LIST, ...options.reserved]);
  const steps: ImageStep[] = [];
  for (const disk of source.appliance.disks) {
    const file = source.files.find((entry) => entry.path === disk.file);
    if (disk.role === "scratch" || file === undefined) continue;
    const decided = await decide(file, disk, options.request, context).catch((error: unknown) => {
      throw inSource(error, source, file);
    });
    const { facts, plan } = decided;
    context.logger.debug(`${disk.file}: ${plan.action}: ${plan.reason}`);
    steps.push({
      from: file.absolutePath,
      facts,
      plan,
      shipped: ship(disk, decided, taken),
      warnings: facts.warnings.map(({ code, message }) => ({
        severity: "warning",
        code,
        message: `${disk.file}: ${message}`,
        line: disk.line,
      })),
    });
  }
  return steps;
}

/** Converts or compresses a disk into the staging folder, and returns the step with the resulting facts. */
export async function executeImageStep(
  step: ImageStep,
  staging: string,
  context: Context,
): Promise<ImageStep> {
  const { plan, shipped, from, facts } = step;
  const to = path.join(staging, shipped.stagedPath);
  if (plan.action !== "keep") await makeFolder(path.dirname(to));
  if (plan.action === "convert") {
    await convertImage(
      { from, fromFormat: facts.format, to, compression: plan.compression },
      context,
    );
  }
  if (plan.action !== "compress-raw" || shipped.unpack.action !== "expand") return step;
  const { bytes, sha256 } = await compressRaw({ from, to }, context);
  const unpack = { ...shipped.unpack, expanded: { bytes, sha256 } };
  return { ...step, shipped: { ...shipped, unpack } };
}
