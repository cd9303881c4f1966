import type { Disk } from "../../appliance/index.ts";
import { commandArguments } from "../kickstart/lint-kickstart.ts";
import { hasOption } from "../kickstart/read-options.ts";
import type { StorageCheck } from "./storage-check.ts";
import { isOpaque, plainDevice } from "./device-names.ts";
import type { PlannedPartition } from "./read-layout.ts";

/** Mount points of the installed system, which belong on a system disk. */
const SYSTEM = /^\/((boot(\/efi)?|efi|etc|usr(\/local)?|root|lib\w*|s?bin)\/?)?$/;

/** Mount points whose content may be lost at any time. */
const LOSABLE = /^(swap|\/tmp|\/var\/tmp|\/var\/cache(\/.*)?|\/scratch(\/.*)?|\/mnt(\/.*)?|none)$/;

interface Placement {
  readonly mount: string;
  readonly disks: readonly string[];
  readonly by: PlannedPartition["by"];
}

/** Returns the mount points with their disks, as far as the layout names the disks. */
function placements({ layout, disksBelow }: StorageCheck): readonly Placement[] {
  const isMember = /^(pv|raid|btrfs)\./;
  return [
    ...layout.partitions.flatMap(({ mount, disk, by }) =>
      disk === undefined || isOpaque(disk) || isMember.test(mount)
        ? []
        : [{ mount, disks: [plainDevice(disk)], by }],
    ),
    ...layout.volumes.map(({ mount, group, by }) => ({
      mount,
      disks: disksBelow(group),
      by,
    })),
    ...layout.mounts
      .filter(({ mount }) => !isMember.test(mount))
      .map(({ mount, disks, by }) => ({
        mount,
        disks: [...disks, ...disksBelow(by.item.name === "raid" ? raidName(by) : mount)],
        by,
      })),
  ];
}

function raidName(by: Placement["by"]): string {
  return commandArguments(by.item).options.find(({ name }) => name === "--device")?.value ?? "";
}

function checkPlacement(placement: Placement, check: StorageCheck): void {
  const { mount, by } = placement;
  for (const name of new Set(placement.disks)) {
    const role = check.disks.get(name)?.role;
    if (role === "data" && SYSTEM.test(mount)) {
      const message = `${mount}: part of the system, but data disk ${name} outlives the system; expected a system disk`;
      check.findings.report("error", "role-data", message, by);
    } else if (role === "scratch" && !LOSABLE.test(mount)) {
      const message = `${mount}: on scratch disk ${name}, which may be lost at any time; expected a ${SYSTEM.test(mount) ? "system" : "data"} disk`;
      check.findings.report(SYSTEM.test(mount) ? "error" : "warning", "role-scratch", message, by);
    }
  }
}

/** Reports `autopart` and `clearpart --all` if they also affect disks that must not be used or cleared. */
function checkSweeping(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  const { layout, findings } = check;
  const kept = [...usable].filter(([, disk]) => disk.role !== "system");
  const names = kept.map(([name, { role }]) => `${role} disk ${name}`).join(", ");
  if (layout.autopart !== undefined && kept.length > 0) {
    const message = `autopart: spreads the system over ${names} too; limit it to the system disks with ignoredisk --only-use`;
    findings.report("error", "role-autopart", message, layout.autopart);
  }
  const data = kept.filter(([, disk]) => disk.role === "data");
  if (layout.clearpart !== undefined && data.length > 0) {
    const given = commandArguments(layout.clearpart.item);
    if (hasOption(given, "--all") && !hasOption(given, "--drives")) {
      const cleared = data.map(([name]) => name).join(", ");
      const message = `clearpart --all: also clears data disk ${cleared} when a VM is installed again; name the others with --drives`;
      findings.report("warning", "role-clearpart", message, layout.clearpart);
    }
  }
}

/** Reports disks that are not used, and partitions without a disk if the installer can choose among several. */
function checkUse(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  const { layout, disks, findings } = check;
  const anywhere = layout.partitions.filter(({ disk }) => disk === undefined);
  if (usable.size > 1) {
    const choice = [...usable.keys()].join(", ");
    for (const { mount, by } of anywhere) {
      const message = `part ${mount}: no --ondisk, so the installer chooses among ${choice}`;
      findings.report("warning", "disk-unsaid", message, by);
    }
  }
  const named = new Set(
    [...layout.partitions, ...layout.mounts.flatMap((m) => m.disks.map((disk) => ({ disk })))].map(
      ({ disk }) => plainDevice(disk ?? ""),
    ),
  );
  const isOpen = anywhere.length > 0 || layout.autopart !== undefined;
  if (isOpen || [...named].some(isOpaque) || layout.partitions.length === 0) return;
  for (const [name, disk] of disks) {
    if (named.has(name)) continue;
    findings.add({
      severity: "warning",
      code: "disk-unused",
      message: `disk ${name}: this ${disk.role} disk is not used`,
      line: disk.line,
      origin: "appliance.xml",
    });
  }
}

/** Reports where the layout violates the roles of the disks in the descriptor. */
export function checkRoles(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  for (const placement of placements(check)) checkPlacement(placement, check);
  checkSweeping(check, usable);
  checkUse(check, usable);
}
