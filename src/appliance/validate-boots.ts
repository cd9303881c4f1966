import { type Findings, quote } from "./findings.ts";
import type { Appliance, Boot } from "./model.ts";

function findDriveProblems(boot: Boot, ids: ReadonlySet<string>, findings: Findings): void {
  const disks = new Set<string>();
  const targets = new Set<string>();
  for (const { disk, target, line } of boot.drives) {
    if (!ids.has(disk)) {
      const known = ids.size === 0 ? "none" : [...ids].slice(0, 8).map(quote).join(", ");
      findings.report(
        "drive-unknown-disk",
        `drive: disk ${quote(disk)} is not in <storage>, expected one of: ${known}`,
        line,
      );
    }
    if (disks.has(disk)) {
      findings.report("drive-repeated", `drive: disk ${quote(disk)} is attached twice`, line);
    }
    disks.add(disk);
    if (target === undefined) continue;
    if (!/^[a-z]{2,8}[0-9]{0,3}$/.test(target)) {
      findings.report(
        "target-invalid",
        `drive: target ${quote(target)}, expected a device such as vda or hda`,
        line,
      );
    }
    if (targets.has(target)) {
      findings.report("target-repeated", `drive: target ${quote(target)} is used twice`, line);
    }
    targets.add(target);
  }
}

/** Reports what is wrong with the boot descriptors. */
export function findBootProblems(appliance: Appliance, findings: Findings): void {
  const ids = new Set(appliance.disks.map((disk) => disk.id));
  for (const boot of appliance.boots) {
    if (boot.arch !== "" && !/^[a-z0-9_]{1,32}$/.test(boot.arch)) {
      findings.report(
        "arch-invalid",
        `boot: architecture ${quote(boot.arch)}, expected a name such as x86_64`,
        boot.line,
      );
    }
    if (boot.os.kind === "bootloader" && boot.os.program !== "pygrub") {
      findings.report(
        "loader-invalid",
        `boot: program ${quote(boot.os.program)}, expected pygrub`,
        boot.line,
      );
    }
    if (boot.drives.length === 0) {
      findings.report("boot-without-drive", "boot: no <drive>, expected one", boot.line);
    }
    findDriveProblems(boot, ids, findings);
  }
}
