import { isDiscFormat } from "../../appliance/index.ts";
import path from "node:path";
import type { BaseDisk, CatalogueEntry } from "../catalogue/catalogue-entry.ts";
import type { InstanceDisk } from "../instance/instance.ts";
import type { AdoptDisk, AdoptState } from "./adopt-state.ts";

/** The appliance's disks in a domain, or why they cannot be determined. */
export interface MatchedDisks {
  readonly disks: readonly InstanceDisk[];
  readonly reasons: readonly string[];
  /** Ids of the appliance's disks that the domain does not have. */
  readonly absent: readonly string[];
}

/** Instead of a device name: the domain has no such disk. */
const NONE = "none";

function nameOf({ disk }: AdoptDisk): string {
  return `disk ${disk.target ?? disk.source ?? "without a device name"}`;
}

function refuse(each: AdoptDisk, base: BaseDisk | undefined): string | undefined {
  const { disk, through, isBase } = each;
  if (through !== undefined)
    return `${nameOf(each)}: ${through.image} is between it and the base ${through.base}: merge them first with virsh blockcommit`;
  if (isBase !== undefined && !isDiscFormat(base?.format))
    return `${nameOf(each)}: uses the base ${isBase} directly, expected an overlay on it`;
  if (isBase === undefined && disk.format !== "qcow2")
    return `${nameOf(each)}: declared as ${disk.format ?? "no format"} in the domain, expected qcow2`;
  return disk.target === undefined ? `${nameOf(each)}: has no device name` : undefined;
}

/** Matches disks by their bases. */
function matchByBase(
  state: AdoptState,
  entry: CatalogueEntry,
  baseDir: string,
): Omit<MatchedDisks, "absent"> {
  const disks: InstanceDisk[] = [];
  const reasons: string[] = [];
  for (const each of state.disks) {
    const file = each.isBase ?? each.onBase ?? each.through?.base;
    const base = entry.bases.find((candidate) => candidate.file === file);
    if (file === undefined) continue;
    const reason = refuse(each, base);
    if (reason !== undefined) reasons.push(reason);
    if (base === undefined || reason !== undefined) continue;
    if (disks.some(({ id }) => id === base.disk))
      reasons.push(`${nameOf(each)}: another disk is backed by ${file} too`);
    const isIso = each.isBase !== undefined;
    disks.push({
      id: base.disk,
      role: base.role,
      kind: isIso ? "base" : "overlay",
      path: each.disk.source ?? "",
      format: isIso ? "iso" : "qcow2",
      target: each.disk.target ?? "",
      base: { path: path.join(baseDir, base.file), sha256: base.sha256 },
    });
  }
  return { disks, reasons };
}

/** Returns a disk that the administrator named, or why it cannot be used. */
function pointOut(
  state: AdoptState,
  entry: CatalogueEntry,
  request: { readonly id: string; readonly target: string; readonly baseDir: string },
): InstanceDisk | string {
  const { id, target, baseDir } = request;
  const base = entry.bases.find((each) => each.disk === id);
  const empty = entry.empty.find((each) => each.disk === id);
  const role = base?.role ?? empty?.role;
  const found = state.disks.find(({ disk }) => disk.target === target);
  if (role === undefined) return `--disk ${id}=${target}: the appliance has no disk ${id}`;
  if (found === undefined)
    return `--disk ${id}=${target}: the domain has no disk ${target}; if it has none for ${id}, use --disk ${id}=${NONE}`;
  const { source, sourceType, format } = found.disk;
  if (source === undefined || sourceType !== "file") return `--disk ${id}=${target}: not a file`;
  if (format !== "qcow2" && format !== "raw")
    return `--disk ${id}=${target}: format is ${format ?? "not declared"}, expected qcow2 or raw`;
  const reference = base && { path: path.join(baseDir, base.file), sha256: base.sha256 };
  const kind = base === undefined ? "empty" : "copy";
  return { id, role, kind, path: source, format, target, base: reference };
}

/** Returns the other hard disks of the domain. */
function otherDisks(
  state: AdoptState,
  matched: readonly InstanceDisk[],
): readonly AdoptDisk["disk"][] {
  return (
    state.disks
      .filter((each) => (each.isBase ?? each.onBase ?? each.through) === undefined)
      .map(({ disk }) => disk)
      // A read-only disk, such as the one with parameters, is neither data nor scratch.
      .filter(({ device, isReadOnly }) => ["disk", "lun"].includes(device) && !isReadOnly)
      .filter(({ source }) => source !== undefined)
      .filter(({ target }) => !matched.some((each) => each.target === target))
  );
}

/** Returns the appliance's disks that are neither matched nor named. */
function openIds(
  entry: CatalogueEntry,
  matched: readonly InstanceDisk[],
  given: Readonly<Record<string, string>>,
): readonly string[] {
  const shipped = entry.bases.filter(
    ({ role, format }) => role !== "system" && !isDiscFormat(format),
  );
  return [...shipped, ...entry.empty]
    .map(({ disk }) => disk)
    .filter((id) => !matched.some((each) => each.id === id) && !Object.hasOwn(given, id));
}

/**
 * Determines the appliance's disks in a domain: those that are backed by its bases, and those that the administrator
 * names. A disk that only resembles one of the appliance's is ambiguous, because an update would add a second one.
 *
 * @param options.given  device names by id of the disk
 */
export function matchDisks(
  state: AdoptState,
  entry: CatalogueEntry,
  options: { readonly given: Readonly<Record<string, string>>; readonly baseDir: string },
): MatchedDisks {
  const { given, baseDir } = options;
  const byBase = matchByBase(state, entry, baseDir);
  const disks = [...byBase.disks];
  const reasons = [...byBase.reasons];
  const known = new Set([...entry.bases, ...entry.empty].map((each) => each.disk));
  for (const [id, target] of Object.entries(given)) {
    if (target === NONE && known.has(id) && !disks.some((disk) => disk.id === id)) continue;
    const found = pointOut(state, entry, { id, target, baseDir });
    const taken = disks.find((disk) => disk.id === id || disk.target === target);
    if (typeof found === "string") reasons.push(found);
    else if (taken !== undefined)
      reasons.push(`--disk ${id}=${target}: ${taken.target} is disk ${taken.id} by its base`);
    else disks.push(found);
  }
  const through = state.disks.map((each) => each.through?.base);
  for (const base of entry.bases) {
    if (base.role !== "system" || disks.some(({ id }) => id === base.disk)) continue;
    if (through.includes(base.file)) continue;
    reasons.push(
      `disk ${base.disk} of the appliance: no disk of the domain is backed by its base; name it with --disk ${base.disk}=TARGET`,
    );
  }
  const open = openIds(entry, disks, given);
  const others = otherDisks(state, disks).map(({ target, source }) => `${target} (${source})`);
  if (others.length > 0)
    for (const id of open)
      reasons.push(
        `disk ${id} of the appliance: may be ${others.join(" or ")} of the domain; choose with --disk ${id}=TARGET, or --disk ${id}=${NONE} if it has none`,
      );
  const absent = [...known].filter((id) => !disks.some((disk) => disk.id === id));
  return { disks, reasons, absent };
}
