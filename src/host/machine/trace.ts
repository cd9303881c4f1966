import { lstat } from "node:fs/promises";
import path from "node:path";
import type { DiskRole } from "../../appliance/index.ts";
import { findPlainText } from "../../lib/plain-file.ts";
import { childText, type XmlElement } from "../../lib/xml/tree.ts";
import type { Effects } from "../../lib/journal/effects.ts";
import { readDomainXml } from "../../libvirt/index.ts";
import type { Instance } from "../instance/instance.ts";
import { readInstance } from "../instance/instance-xml.ts";
import type { HostPaths } from "../access/paths.ts";

/** A file that was created for a VM. */
export interface TracedFile {
  readonly path: string;
  readonly role: DiskRole | "boot" | "seed" | "definition";
  /** True if the VM used it when it was last recorded; otherwise it belongs to the previous version. */
  readonly isCurrent: boolean;
  /** Identity of the file: another file with this name is foreign. */
  readonly made: string | null;
}

/**
 * The files that were created for a VM, for finding them when its domain, and with it the record, no longer exists. It
 * has no effect while the VM exists: the domain determines its files.
 */
export interface Trace {
  readonly schema: 1;
  readonly uuid: string;
  readonly vm: string;
  readonly package: string;
  readonly files: readonly TracedFile[];
}

/** A VM created from an appliance, from its definition. */
export interface TracedVm {
  readonly uuid: string;
  readonly vm: string;
  readonly instance: Instance;
}

/** Returns the folder of traces, one for each VM's UUID. */
export function tracesDir(paths: HostPaths): string {
  return path.join(paths.stateDir, "traces");
}

/** Returns the file of a VM's trace. */
export function traceFile(paths: HostPaths, uuid: string): string {
  return path.join(tracesDir(paths), `${uuid.toLowerCase()}.json`);
}

/** Returns the identity of a file; null if it does not exist. */
export async function madeOf(file: string): Promise<string | null> {
  const stats = await lstat(file, { bigint: true }).catch(() => undefined);
  return stats?.isFile() === true ? `${stats.ino} ${stats.birthtimeNs}` : null;
}

function filesOf(instance: Instance): readonly Omit<TracedFile, "made">[] {
  const { current, previous, seed } = instance;
  return [current, previous].flatMap((generation): readonly Omit<TracedFile, "made">[] => {
    if (generation === undefined) return [];
    const isCurrent = generation === current;
    const boot = [generation.kernel, generation.initrd].flatMap((file) => file?.path ?? []);
    return [
      ...generation.disks
        .filter(({ kind }) => kind !== "base")
        .flatMap(({ role, layers = [], path: file }) =>
          [file, ...layers.map((layer) => layer.path)].map((each) => {
            return { path: each, role, isCurrent };
          }),
        ),
      ...boot.map((file) => ({ path: file, role: "boot", isCurrent }) as const),
      ...(generation.definition === undefined
        ? []
        : [{ path: generation.definition, role: "definition", isCurrent } as const]),
      ...(isCurrent && seed !== undefined
        ? [{ path: seed.path, role: "seed", isCurrent } as const]
        : []),
    ];
  });
}

/** Reads a trace; undefined if it is missing or unusable. */
export async function readTrace(file: string): Promise<Trace | undefined> {
  try {
    const value: unknown = JSON.parse((await findPlainText(file)) ?? "null");
    return isTrace(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isTrace(value: unknown): value is Trace {
  if (typeof value !== "object" || value === null) return false;
  const of: Readonly<Record<string, unknown>> = { ...value };
  const isFile = (file: unknown): boolean => {
    if (typeof file !== "object" || file === null) return false;
    const one: Readonly<Record<string, unknown>> = { ...file };
    return typeof one["path"] === "string" && one["path"].startsWith("/");
  };
  return (
    of["schema"] === 1 &&
    ["uuid", "vm", "package"].every((key) => typeof of[key] === "string") &&
    Array.isArray(of["files"]) &&
    of["files"].every(isFile)
  );
}

function uuidOf(definition: XmlElement): string | undefined {
  const uuid = childText(definition, "uuid") ?? "";
  return /^[0-9a-f-]{36}$/i.test(uuid) ? uuid : undefined;
}

/**
 * Reads the definition of a VM; undefined if it was not created from an appliance.
 *
 * @throws ApplianceError as `readInstance`
 */
export function readTracedVm(xml: string): TracedVm | undefined {
  const definition = readDomainXml(xml, "domain");
  const instance = readInstance(definition);
  const uuid = uuidOf(definition);
  if (instance === undefined || uuid === undefined) return undefined;
  return { uuid, vm: childText(definition, "name") ?? "", instance };
}

/** Returns the trace of a VM: its files, and those of its last trace that still exist. */
async function traceOf({ uuid, vm, instance }: TracedVm, last: Trace | undefined): Promise<Trace> {
  const files: TracedFile[] = [];
  const isListed = ({ path: file }: Pick<TracedFile, "path">): boolean =>
    files.some((each) => each.path === file);
  for (const file of filesOf(instance))
    if (!isListed(file)) files.push({ ...file, made: await madeOf(file.path) });
  for (const old of last?.files ?? [])
    if (!isListed(old) && old.made !== null && (await madeOf(old.path)) === old.made)
      files.push({ ...old, isCurrent: false });
  return { schema: 1, uuid, vm, package: instance.package, files };
}

/**
 * Updates the trace of a VM, if it changed.
 *
 * @param last  its trace on disk; undefined if it is missing or unusable
 */
export async function writeTrace(
  { paths, effects }: { readonly paths: HostPaths; readonly effects: Effects },
  vm: TracedVm,
  last: Trace | undefined,
): Promise<void> {
  const trace = await traceOf(vm, last);
  if (JSON.stringify(last) === JSON.stringify(trace)) return;
  await effects.makeFolder(tracesDir(paths), 0o700);
  await effects.writeFile(traceFile(paths, vm.uuid), `${JSON.stringify(trace)}\n`, 0o600);
}

/** Removes the trace of a VM that was deleted on purpose, with only the files that were to be kept. */
export async function removeTrace(paths: HostPaths, effects: Effects, xml: string): Promise<void> {
  const uuid = uuidOf(readDomainXml(xml, "domain"));
  if (uuid !== undefined) await effects.remove(traceFile(paths, uuid));
}
