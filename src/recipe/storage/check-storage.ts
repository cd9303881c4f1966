import { countOf } from "../../lib/count-of.ts";
import type { Appliance, Disk } from "../../appliance/index.ts";
import type { CommandItem, RecipeProblem } from "../kickstart/model.ts";
import { Findings, type Statement } from "../compose/statement.ts";
import { checkConflicts } from "./check-conflicts.ts";
import { checkRoles } from "./check-roles.ts";
import { checkSizes } from "./check-sizes.ts";
import { deviceNames, isOpaque, plainDevice } from "./device-names.ts";
import { findDisksBelow } from "./disks-below.ts";
import { readLayout } from "./read-layout.ts";
import type { StorageCheck } from "./storage-check.ts";

/** Maximum number of commands, multiplied by the number of ways in which the boot descriptors name the disks. */
const MAX_CHECKED = 32_000;

/** Returns the disks that `ignoredisk` does not exclude. */
export function usableDisks({ layout, disks }: StorageCheck): ReadonlyMap<string, Disk> {
  const ignored = new Set(layout.ignored.map(plainDevice));
  const only = layout.onlyUse === undefined ? undefined : new Set(layout.onlyUse.map(plainDevice));
  return new Map(
    [...disks].filter(([name]) => !ignored.has(name) && (only === undefined || only.has(name))),
  );
}

function checkReferences({ layout, disks, findings }: StorageCheck): void {
  const known = [...disks.keys()].slice(0, 32).join(", ") || "none";
  for (const { disk, by } of layout.references) {
    const name = by.item.name;
    if (isOpaque(disk)) {
      const message = `${name}: disk "${disk}" is not a plain device name; only the installer can resolve it`;
      findings.report("warning", "disk-opaque", message, by);
    } else if (!disks.has(plainDevice(disk))) {
      const message = `${name}: disk "${disk}" is not in the descriptor, expected one of ${known}`;
      findings.report("error", "disk-unknown", message, by);
    }
  }
}

/** Reports partitions and volume groups that are referenced but not created. */
function checkMembers({ layout, findings }: StorageCheck): void {
  const made = new Set([
    ...layout.partitions.map(({ mount }) => mount),
    ...layout.mounts.map(({ mount }) => mount),
  ]);
  for (const { members, name, by } of layout.groups) {
    for (const member of members) {
      if (made.has(member) || !/^(pv|raid|btrfs)\./.test(member)) continue;
      const message = `${by.item.name} ${name}: partition "${member}" is not created`;
      findings.report("error", "member-missing", message, by);
    }
  }
  const groups = new Set(layout.groups.map(({ name }) => name));
  for (const { group, by } of layout.volumes) {
    if (groups.has(group)) continue;
    const message = `logvol: volume group "${group}" is not created`;
    findings.report("error", "group-missing", message, by);
  }
}

/** Reports a layout without a root file system, for which the installer would stop and prompt. */
function checkRoot(check: StorageCheck, isComplete: boolean): void {
  const { layout, findings } = check;
  const mounts = [...layout.partitions, ...layout.volumes, ...layout.mounts];
  if (!isComplete || layout.autopart !== undefined) return;
  if (mounts.some(({ mount }) => mount === "/")) return;
  findings.add({
    severity: "error",
    code: "root-missing",
    message:
      "storage: nothing is mounted at /, expected part, logvol, raid, btrfs, mount or autopart",
    line: undefined,
    origin: "kickstart",
  });
}

/** Returns the different ways in which the boot descriptors name the disks, each with its boots. */
function namings(appliance: Appliance): readonly {
  readonly disks: ReadonlyMap<string, Disk>;
  readonly boots: readonly string[];
}[] {
  const found = new Map<string, { disks: ReadonlyMap<string, Disk>; boots: string[] }>();
  for (const [index, boot] of appliance.boots.entries()) {
    const disks = deviceNames(appliance, boot);
    const key = JSON.stringify([...disks].map(([name, { id }]) => [name, id]));
    const naming = found.get(key) ?? { disks, boots: [] };
    naming.boots.push(`boot ${index + 1} (${boot.type}, ${boot.arch})`);
    found.set(key, naming);
  }
  return [...found.values()];
}

/** Reports the problems of every naming of the disks. A problem that does not apply to all boots names its boots. */
function reportVariants(
  variants: readonly {
    readonly boots: readonly string[];
    readonly problems: readonly RecipeProblem[];
  }[],
  findings: Findings,
): void {
  const seen = new Map<string, { problem: RecipeProblem; boots: string[]; count: number }>();
  for (const { boots, problems } of variants) {
    for (const [key, problem] of new Map(problems.map((each) => [JSON.stringify(each), each]))) {
      const entry = seen.get(key) ?? { problem, boots: [], count: 0 };
      entry.boots.push(...boots);
      entry.count++;
      seen.set(key, entry);
    }
  }
  for (const { problem, boots, count } of seen.values()) {
    if (count === variants.length) findings.add(problem);
    else findings.add({ ...problem, message: `${boots.join(", ")}: ${problem.message}` });
  }
}

/**
 * Checks the disk layout of a kickstart against the disks of the descriptor, under the names that each boot gives them.
 * Every disk that is named must exist. Partitions must fit. Roles must be respected: the system belongs on system
 * disks, persistent data on data disks, and neither on scratch disks.
 *
 * @param options.isComplete  whether the whole layout is known, so that no script or include adds to it at installation
 */
export function checkStorage(
  commands: readonly Statement<CommandItem>[],
  appliance: Appliance,
  options: { readonly isComplete: boolean; readonly findings: Findings },
): void {
  const named = namings(appliance);
  const [first] = commands;
  if (first !== undefined && commands.length * named.length > MAX_CHECKED) {
    const message = `storage: ${countOf(commands.length, "command")}, and ${named.length} ways to name the disks, expected those of one machine`;
    options.findings.report("error", "too-large", message, first);
    return;
  }
  const layout = readLayout(commands);
  const disksBelow = findDisksBelow(layout);
  const variants = named.map(({ disks, boots }) => {
    const check: StorageCheck = { layout, disks, disksBelow, findings: new Findings() };
    checkReferences(check);
    checkMembers(check);
    checkConflicts(check, usableDisks(check));
    checkSizes(check, usableDisks(check));
    checkRoles(check, usableDisks(check));
    checkRoot(check, options.isComplete);
    return { boots, problems: check.findings.problems };
  });
  reportVariants(variants, options.findings);
}
