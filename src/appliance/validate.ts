import { formatSize, formatSizes } from "../lib/format-size.ts";
import { type Findings, newFindings, quote } from "./findings.ts";
import { limits } from "./limits.ts";
import type { Appliance, Problem } from "./model.ts";
import { findBootProblems } from "./validate-boots.ts";
import { findDiskProblems } from "./validate-disks.ts";
import { findFileProblems } from "./validate-files.ts";
import { findMetadataProblems } from "./validate-metadata.ts";

/**
 * Lines of places that the model does not hold: the first element of each name (`memory`), the nth one (`parameter 2`),
 * and elements in the `<os>` of the nth boot descriptor (`boot 0 kernel`).
 */
export type Lines = Readonly<Record<string, number>>;

function findMachineProblems(appliance: Appliance, lines: Lines, findings: Findings): void {
  const { vcpu, memoryKiB, minimumMemoryKiB } = appliance;
  if (!Number.isInteger(vcpu) || vcpu < 1 || vcpu > limits.vcpu) {
    findings.report(
      "vcpu-out-of-range",
      `vcpu: ${vcpu}, expected 1 to ${limits.vcpu}`,
      lines["vcpu"],
    );
  }
  const memories = [
    ["memory", memoryKiB],
    ["minimum-memory", minimumMemoryKiB],
  ] as const;
  for (const [what, value] of memories) {
    if (value === undefined) continue;
    if (
      Number.isInteger(value) &&
      value >= limits.leastMemoryKiB &&
      value <= limits.mostMemoryKiB
    ) {
      continue;
    }
    const least = formatSize(limits.leastMemoryKiB * 1024);
    const most = formatSize(limits.mostMemoryKiB * 1024);
    findings.report(
      "memory-out-of-range",
      `${what}: ${value} KiB, expected ${least} to ${most}`,
      lines[what],
    );
  }
  if (memoryKiB !== undefined && minimumMemoryKiB !== undefined && minimumMemoryKiB > memoryKiB) {
    const [least, most] = formatSizes(minimumMemoryKiB * 1024, memoryKiB * 1024);
    findings.report(
      "memory-out-of-range",
      `minimum-memory: ${least}, expected at most the memory, ${most}`,
      lines["minimum-memory"],
    );
  }
  for (const [index, { model }] of appliance.interfaces.entries()) {
    if (model !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(model)) {
      findings.report(
        "model-invalid",
        `interface: model ${quote(model)}, expected a word such as virtio or e1000`,
        lines[`interface ${index}`],
      );
    }
  }
  if (appliance.osinfo !== undefined && !/^[!-~]{1,255}$/.test(appliance.osinfo)) {
    findings.report(
      "osinfo-invalid",
      `osinfo: ${quote(appliance.osinfo)}, expected an id such as http://debian.org/debian/12`,
      lines["osinfo"],
    );
  }
}

function findExcess(appliance: Appliance, lines: Lines, findings: Findings): boolean {
  const counts = [
    ["boot", "boot descriptors", appliance.boots.length, limits.boots],
    ["storage", "disks", appliance.disks.length, limits.disks],
    ["interface", "interfaces", appliance.interfaces.length, limits.interfaces],
    ["parameter", "parameters", appliance.parameters.length, limits.parameters],
    ...appliance.boots.map((boot) => ["boot", "drives", boot.drives.length, limits.disks] as const),
  ] as const;
  for (const [place, what, count, most] of counts) {
    if (count > most) {
      findings.report("too-many", `${what}: ${count}, expected at most ${most}`, lines[place]);
    }
  }
  return findings.hasErrors() && counts.some(([, , count, most]) => count > most);
}

/** Reports every semantic problem of an appliance, with its line if known. */
export function findProblems(appliance: Appliance, lines: Lines, findings: Findings): void {
  if (findExcess(appliance, lines, findings)) return;
  findMetadataProblems(appliance, lines, findings);
  findMachineProblems(appliance, lines, findings);
  if (appliance.boots.length === 0) {
    findings.report("boot-missing", "domain: no <boot>, expected at least one", lines["domain"]);
  }
  findDiskProblems(appliance, findings);
  findBootProblems(appliance, findings);
  findFileProblems(appliance, lines, findings);
}

/**
 * Returns all problems of an appliance of any origin: names that rpm does not allow, unsafe paths, dangling drives,
 * absurd sizes. An appliance without errors can be rendered and read back unchanged.
 */
export function validateAppliance(appliance: Appliance): readonly Problem[] {
  const findings = newFindings();
  findProblems(appliance, {}, findings);
  return findings.problems;
}
