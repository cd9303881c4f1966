import { flag, type From, integer, list, type OptionTable, required, text } from "./value-type.ts";

/** One section that installers support. */
export interface SectionRow {
  /** Name without the percent sign. */
  readonly name: string;
  /** Module and class of pykickstart that read the section. */
  readonly source: string;
  /** Type of the body: lines of packages, a script, or data in another syntax. */
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

/** Every section that installers support, with the options of its class in pykickstart. */
export const sectionTable: readonly SectionRow[] = [
  { name: "pre", source: "sections.PreScriptSection", body: "script", options: script },
  // After partitioning, before the packages.
  {
    name: "pre-install",
    source: "sections.PreInstallScriptSection",
    body: "script",
    options: script,
    since: { F: 24, RHEL: 7 },
  },
  // Runs in the new system; with --nochroot, outside of it.
  {
    name: "post",
    source: "sections.PostScriptSection",
    body: "script",
    options: { ...script, "--nochroot": flag },
  },
  {
    name: "onerror",
    source: "sections.OnErrorScriptSection",
    body: "script",
    options: script,
    since: { F: 24, RHEL: 7 },
  },
  {
    name: "traceback",
    source: "sections.TracebackScriptSection",
    body: "script",
    options: script,
    deprecated: { F: 34, RHEL: 9 },
  },
  {
    name: "packages",
    source: "sections.PackageSection",
    body: "packages",
    options: {
      "--default": flag,
      "--exclude-weakdeps": { ...flag, since: { F: 32, RHEL: 9 } },
      "--excludeWeakdeps": {
        ...flag,
        since: { F: 27, RHEL: 8 },
        deprecated: { F: 32, RHEL: 9 },
        removed: { RHEL: 10 },
      },
      "--excludedocs": flag,
      "--ignorebroken": { ...flag, since: { F: 32 } },
      "--ignoredeps": { ...flag, removed: { F: 7, RHEL: 5 } },
      "--ignoremissing": flag,
      "--inst-langs": { ...list, since: { F: 32, RHEL: 9 } },
      "--instLangs": { ...list, deprecated: { F: 32, RHEL: 9 }, removed: { RHEL: 10 } },
      "--multilib": { ...flag, since: { F: 18, RHEL: 7 } },
      "--nobase": { ...flag, deprecated: { F: 18, RHEL: 7 }, removed: { F: 22, RHEL: 8 } },
      "--nocore": { ...flag, since: { F: 20, RHEL: 7 } },
      "--resolvedeps": { ...flag, removed: { F: 7, RHEL: 5 } },
      "--retries": integer,
      "--timeout": integer,
    },
  },
  // The add-on defines its name and options.
  {
    name: "addon",
    source: "sections.NullSection",
    body: "data",
    options: {},
    since: { F: 18, RHEL: 7 },
  },
  {
    name: "anaconda",
    source: "sections.NullSection",
    body: "data",
    options: {},
    since: { F: 22, RHEL: 7 },
  },
  {
    name: "certificate",
    source: "sections.CertificateSection",
    body: "data",
    options: { "--dir": text, "--filename": required(text), "--type": text },
  },
];

const byName: ReadonlyMap<string, SectionRow> = new Map(sectionTable.map((row) => [row.name, row]));

/** Returns the row of a section, or undefined if no installer supports it. */
export function sectionRow(name: string): SectionRow | undefined {
  return byName.get(name);
}
