import { flag, integer, list, text } from "./value-type.ts";
import type { From, OptionTable } from "./value-type.ts";

/** One section that installers know. */
export interface SectionRow {
  /** Without the percent sign. */
  readonly name: string;
  /** What its body is: lines of packages, a script, or data that is somebody else's. */
  readonly body: "packages" | "script" | "data";
  readonly options: OptionTable;
  readonly since?: From;
  readonly deprecated?: From;
}

const script: OptionTable = {
  "--erroronfail": flag,
  "--interpreter": text,
  "--log": text,
  "--logfile": text,
};

/** Every section, each from the class of pykickstart's `sections.py` that is named beside it. */
export const sectionTable: readonly SectionRow[] = [
  // PreScriptSection
  { name: "pre", body: "script", options: script },
  // PreInstallScriptSection: after partitioning, before the packages
  { name: "pre-install", body: "script", options: script, since: { F: 24, RHEL: 7 } },
  // PostScriptSection: in the new system unless --nochroot
  { name: "post", body: "script", options: { ...script, "--nochroot": flag } },
  // OnErrorScriptSection
  { name: "onerror", body: "script", options: script, since: { F: 24, RHEL: 7 } },
  // TracebackScriptSection
  { name: "traceback", body: "script", options: script },
  // PackageSection
  {
    name: "packages",
    body: "packages",
    options: {
      "--default": flag,
      "--exclude-weakdeps": { ...flag, since: { F: 32, RHEL: 9 } },
      "--excludeWeakdeps": { ...flag, deprecated: { F: 32, RHEL: 9 } },
      "--excludedocs": flag,
      "--ignorebroken": { ...flag, since: { F: 38, RHEL: 9 } },
      "--ignoredeps": { ...flag, removed: { F: 7, RHEL: 5 } },
      "--ignoremissing": flag,
      "--inst-langs": { ...list, since: { F: 32, RHEL: 9 } },
      "--instLangs": { ...list, deprecated: { F: 32, RHEL: 9 } },
      "--multilib": { ...flag, since: { F: 18, RHEL: 7 } },
      "--nobase": { ...flag, deprecated: { F: 18, RHEL: 7 }, removed: { F: 22, RHEL: 8 } },
      "--nocore": { ...flag, since: { F: 20, RHEL: 7 } },
      "--resolvedeps": { ...flag, removed: { F: 7, RHEL: 5 } },
      "--retries": integer,
      "--timeout": integer,
    },
  },
  // Anaconda, "Kickstart add-ons"; the add-on's name and options are its own
  { name: "addon", body: "data", options: {}, since: { F: 18, RHEL: 7 } },
  // AnacondaSection, pwpolicy
  { name: "anaconda", body: "data", options: {}, since: { F: 22, RHEL: 7 }, deprecated: { F: 34 } },
  // CertificateSection
  {
    name: "certificate",
    body: "data",
    options: { "--dir": text, "--filename": text },
    since: { F: 41, RHEL: 10 },
  },
];

const byName: ReadonlyMap<string, SectionRow> = new Map(sectionTable.map((row) => [row.name, row]));

/** Answers the row of a section, or undefined when no installer knows it. */
export function sectionRow(name: string): SectionRow | undefined {
  return byName.get(name);
}
