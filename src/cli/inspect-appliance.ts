import type { Appliance, Problem } from "../appliance/index.ts";
import { ApplianceError, escapeControls } from "../errors.ts";
import { inspectImage } from "../image/index.ts";
import type { Context } from "../lib/context.ts";
import { renderProblem } from "../pipeline/index.ts";
import { findStandIn } from "../source/index.ts";
import type { Inspection } from "../source/index.ts";
import { formatSize } from "./format-size.ts";
import { renderColumns } from "./render-columns.ts";

/**
 * Answers what qemu-img finds wrong with the disks of a folder, where it can look at them in place; only with those that
 * nothing is wrong with by their headers.
 */
export async function inspectDisks(
  inspection: Inspection,
  context: Context,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const refused = new Set(
    inspection.problems
      .filter(({ severity, code }) => severity === "error" && code.startsWith("image-"))
      .map(({ line }) => line),
  );
  for (const { file, role, format, line } of inspection.appliance?.disks ?? []) {
    const found = inspection.files.find((candidate) => candidate.path === file)?.absolutePath;
    if (found === undefined || role === "scratch" || refused.has(line)) continue;
    try {
      await inspectImage(found, context, { format });
    } catch (error) {
      if (!(error instanceof ApplianceError) || !error.code.startsWith("IMAGE_")) throw error;
      const code = error.code.toLowerCase().replaceAll("_", "-");
      const message = error.message.startsWith(found)
        ? `${file}${error.message.slice(found.length)}`
        : error.message;
      problems.push({ severity: "error", code, message, line });
    }
  }
  return problems;
}

/** Answers what a descriptor says of the machine, for a JSON document. */
export function machineDocument(appliance: Appliance): Readonly<Record<string, unknown>> {
  return {
    name: appliance.name,
    version: appliance.version ?? null,
    release: appliance.release ?? null,
    label: appliance.label ?? null,
    description: appliance.description ?? null,
    boots: appliance.boots.map(({ type, arch, features }) => ({ type, arch, features })),
    vcpu: appliance.vcpu,
    memoryMiB: appliance.memoryKiB === undefined ? null : appliance.memoryKiB / 1024,
    interfaces: appliance.interfaces.length,
    graphics: appliance.graphics,
    firmware: appliance.firmware ?? null,
    osinfo: appliance.osinfo ?? null,
  };
}

/** Answers the JSON document of `inspect` for an appliance. Shapes only grow. */
export function inspectionDocument(
  inspection: Inspection,
  problems: readonly Problem[],
): Readonly<Record<string, unknown>> {
  const { appliance, files, kind, descriptorPath } = inspection;
  const sizes = new Map(files.map((file) => [file.path, file.sizeBytes]));
  const shared = {
    kind,
    descriptor: descriptorPath,
    files: files.map((file) => ({ path: file.path, sizeBytes: file.sizeBytes })),
    problems,
  };
  if (appliance === undefined) return shared;
  return {
    ...machineDocument(appliance),
    disks: appliance.disks.map((disk) => ({
      id: disk.id,
      file: disk.file,
      role: disk.role,
      format: disk.format,
      sizeBytes: disk.sizeBytes ?? (disk.format === "raw" ? (sizes.get(disk.file) ?? null) : null),
      fileSizeBytes: sizes.get(disk.file) ?? null,
      standIn: findStandIn(disk, sizes) ?? null,
      checksums: disk.checksums,
    })),
    ...shared,
  };
}

/** Answers what a descriptor says of the machine, as names and values. */
export function describeMachine(appliance: Appliance): readonly (readonly [string, string])[] {
  const { name, version, release, label, memoryKiB } = appliance;
  const versions = [version, release].filter((part) => part !== undefined).join("-");
  return [
    ["name", name],
    ["version", versions === "" ? "none" : versions],
    ...(label === undefined ? [] : [["label", label] as const]),
    ...appliance.boots.map(({ type, arch, os, features }) => {
      const wanted = Object.entries(features).map(([feature, state]) => `${feature} ${state}`);
      return ["boot", [type, arch, os.kind, ...wanted].join(", ")] as const;
    }),
    ["vcpu", String(appliance.vcpu)],
    ["memory", memoryKiB === undefined ? "not said" : `${memoryKiB / 1024} MiB`],
    ["interfaces", String(appliance.interfaces.length)],
    ["graphics", appliance.graphics ? "yes" : "no"],
  ];
}

/** Answers the lines of `inspect` for an appliance: the machine, its disks, every problem. */
export function inspectionLines(
  inspection: Inspection,
  problems: readonly Problem[],
): readonly string[] {
  const { appliance, files } = inspection;
  const sizes = new Map(files.map((file) => [file.path, file.sizeBytes]));
  const machine = appliance === undefined ? [] : describeMachine(appliance);
  const disks = (appliance?.disks ?? []).map((disk) => {
    const there = sizes.get(disk.file);
    const size = disk.sizeBytes ?? (disk.format === "raw" ? there : undefined);
    const standIn = findStandIn(disk, sizes);
    const absent = standIn === undefined ? "not in the source" : `as ${standIn}`;
    return [
      disk.file,
      disk.role,
      disk.format,
      size === undefined ? "not said" : formatSize(size),
      there === undefined ? absent : `${formatSize(there)} in the source`,
    ];
  });
  const table = disks.length === 0 ? [] : ["", ...renderColumns(disks)];
  const found = problems.length === 0 ? [] : ["", ...problems.map(renderProblem)];
  const lines = [...renderColumns([["descriptor", inspection.descriptorPath], ...machine])];
  return [...lines, ...table, ...found].map(escapeControls);
}
