import type { Appliance, Disk, Parameter, Problem } from "../../appliance/index.ts";
import { ApplianceError, escapeControls } from "../../errors.ts";
import { inspectImage } from "../../image/index.ts";
import type { Context } from "../../lib/context.ts";
import { renderProblem } from "../../pipeline/index.ts";
import { findStandIn, type InspectedFile, type Inspection } from "../../source/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { renderColumns } from "../terminal/render-columns.ts";

/**
 * Returns the problems that qemu-img finds in the disks of a folder. It checks only disks that it can read in place and
 * whose headers have no errors.
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

/** Returns a descriptor's facts about the machine, for a JSON document. */
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

/** Returns the JSON document of `inspect` for an appliance. Later versions may add fields but remove none. */
export function inspectionDocument(
  inspection: Inspection,
  problems: readonly Problem[],
): Readonly<Record<string, unknown>> {
  const { understood: appliance, files, kind, descriptorPath } = inspection;
  const found = new Map(files.map((file) => [file.path, file]));
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
      virtualSizeBytes: found.get(disk.file)?.virtualSizeBytes ?? null,
      fileSizeBytes: sizes.get(disk.file) ?? null,
      allocatedBytes: found.get(disk.file)?.allocatedBytes ?? null,
      standIn: findStandIn(disk, sizes) ?? null,
      checksums: disk.checksums,
    })),
    parameters: appliance.parameters.map(({ name, description, default: value, required }) => ({
      name,
      description: description ?? null,
      default: value ?? null,
      required,
    })),
    ...shared,
  };
}

/** Returns a descriptor's facts about the machine, as names and values. */
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
    ["memory", memoryKiB === undefined ? "not set" : `${memoryKiB / 1024} MiB`],
    ["interfaces", String(appliance.interfaces.length)],
    ["graphics", appliance.graphics ? "yes" : "no"],
  ];
}

function diskRow(
  disk: Disk,
  found: InspectedFile | undefined,
  standIn: string | undefined,
): readonly string[] {
  const size = found?.virtualSizeBytes ?? disk.sizeBytes;
  const absent = standIn === undefined ? "not in the source" : `as ${standIn}`;
  const { sizeBytes = 0, allocatedBytes = 0 } = found ?? {};
  const takes = Math.min(allocatedBytes, sizeBytes);
  const holes = takes < sizeBytes ? `, ${formatSize(sizeBytes)} including holes` : "";
  return [
    disk.file,
    disk.role,
    disk.format,
    size === undefined ? "unknown" : formatSize(size),
    found === undefined ? absent : `${formatSize(takes)} in the source${holes}`,
  ];
}

function parameterRow({ name, description, required, default: value }: Parameter): string[] {
  const given = value === undefined ? "optional" : `default ${JSON.stringify(value)}`;
  return [`parameter ${name}`, required ? "required" : given, description ?? ""];
}

/** Returns the lines of `inspect` for an appliance: the machine, its disks and parameters, every problem. */
export function inspectionLines(
  inspection: Inspection,
  problems: readonly Problem[],
): readonly string[] {
  const { understood: appliance, files } = inspection;
  const sizes = new Map(files.map((file) => [file.path, file.sizeBytes]));
  const machine = appliance === undefined ? [] : describeMachine(appliance);
  const tables = [
    [["descriptor", inspection.descriptorPath], ...machine],
    (appliance?.disks ?? []).map((disk) =>
      diskRow(
        disk,
        files.find((file) => file.path === disk.file),
        findStandIn(disk, sizes),
      ),
    ),
    (appliance?.parameters ?? []).map(parameterRow),
  ].filter((rows) => rows.length > 0);
  const blocks = [
    ...tables.map((rows) => renderColumns(rows)),
    ...(problems.length === 0 ? [] : [problems.map(renderProblem)]),
  ];
  return blocks
    .flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]))
    .map(escapeControls);
}
