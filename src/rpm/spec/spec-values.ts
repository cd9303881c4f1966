import type {
  PackagePlan,
  PayloadCompression,
  PlannedEntry,
  Relation,
  Scriptlet,
  VerifyAspect,
} from "../../package/index.ts";
import type { RpmFormat } from "../format/rpm-format.ts";
import { payloadCompressors } from "../payload-compressors.ts";
import {
  escapeMacros,
  filesPathProblems,
  proseProblems,
  scriptProblems,
  shellWord,
} from "./spec-text.ts";
import type { SpecSource } from "./spec-sources.ts";
import type { SpecVariable } from "./spec-template.ts";

/** Returns the line of a tag; empty if it has no value. */
function tag(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`${name}: ${escapeMacros(String(value))}`];
}

function relationText({ name, comparison, version }: Relation): string {
  return escapeMacros(version === undefined ? name : `${name} ${comparison} ${version}`);
}

function relationLines(name: string, relations: readonly Relation[]): readonly string[] {
  return relations.map((relation) => {
    const when = relation.phases === undefined ? "" : `(${relation.phases.join(",")})`;
    return `${name}${when}: ${relationText(relation)}`;
  });
}

/** Returns rpm's word for a payload compression: mode, level, threads, library. */
function payloadMode(payload: PayloadCompression): string {
  if (payload.compressor === "none") return "w.ufdio";
  const { flagsOf, rpmStream } = payloadCompressors[payload.compressor];
  return `w${flagsOf(payload.level)}.${rpmStream}`;
}

/**
 * The macros that a build of images needs: rpmbuild neither changes nor searches the files, adds no dependencies of
 * another system's programs, and takes times and host from the plan, so that the same sources give the same package.
 */
function macroLines(plan: PackagePlan, format: RpmFormat): readonly string[] {
  return [
    `%{lua: posix.setenv("SOURCE_DATE_EPOCH", "${plan.buildTimeSeconds}")}`,
    `%global _buildhost ${escapeMacros(plan.buildHost)}`,
    "%global use_source_date_epoch_as_buildtime 1",
    "%global source_date_epoch_from_changelog 0",
    // rpm 6 writes format 6 by default; older ones ignore this.
    `%global _rpmformat ${format}`,
    "%global _binary_filedigest_algorithm 8",
    "%global _source_filedigest_algorithm 8",
    `%global _binary_payload ${payloadMode(plan.payload)}`,
    `%global _source_payload ${payloadMode(plan.payload)}`,
    "%global __os_install_post %{nil}",
    "%global __arch_install_post %{nil}",
    "%global debug_package %{nil}",
    "%global _build_id_links none",
    // Else manual pages become documentation, which the plan does not say.
    "%global __docdir_path %{nil}",
    "%global __requires_exclude .*",
    "%global __provides_exclude .*",
  ];
}

function programOf({ interpreter }: Scriptlet): string {
  return `-p "${escapeMacros(interpreter.join(" "))}"`;
}

function scriptletLines(plan: PackagePlan): readonly string[] {
  const own = Object.entries(plan.scriptlets).flatMap(([slot, scriptlet]) => [
    `%${slot === "verify" ? "verifyscript" : slot} ${programOf(scriptlet)}`,
    escapeMacros(scriptlet.body),
  ]);
  const packageTriggers = plan.packageTriggers.flatMap((trigger) => [
    `%trigger${trigger.event} ${programOf(trigger)} -- ${trigger.packages.map(relationText).join(", ")}`,
    escapeMacros(trigger.body),
  ]);
  const fileTriggers = plan.fileTriggers.flatMap((trigger) => {
    const scope = trigger.scope === "transaction" ? "trans" : "";
    const priority = trigger.priority === undefined ? "" : `-P ${trigger.priority} `;
    const paths = trigger.paths.map(escapeMacros).join(" ");
    return [
      `%${scope}filetrigger${trigger.event} ${priority}${programOf(trigger)} -- ${paths}`,
      escapeMacros(trigger.body),
    ];
  });
  return [...own, ...packageTriggers, ...fileTriggers];
}

/** The one aspect that a spec calls by another name. */
const verifyWord = (aspect: VerifyAspect): string => (aspect === "digest" ? "filedigest" : aspect);

function fileLine(entry: PlannedEntry): string {
  const { attributes = [], kind } = entry;
  const config = attributes.filter((one) => one === "noreplace" || one === "missingok");
  const permissions = kind === "symlink" ? "-" : entry.mode.toString(8).padStart(4, "0");
  const words = attributes.filter((one) => ["doc", "license", "readme"].includes(one));
  return [
    `%attr(${permissions},${entry.user},${entry.group})`,
    ...(entry.verifyExcept === undefined
      ? []
      : [`%verify(not ${entry.verifyExcept.map(verifyWord).join(" ")})`]),
    ...(kind === "file" && entry.capabilities !== undefined
      ? [`%caps(${entry.capabilities})`]
      : []),
    ...(attributes.includes("config")
      ? [config.length === 0 ? "%config" : `%config(${config.join(" ")})`]
      : []),
    ...words.map((one) => `%${one}`),
    ...(kind === "ghost" ? ["%ghost"] : []),
    ...(kind === "directory" ? ["%dir"] : []),
    `"${entry.path}"`,
  ].join(" ");
}

/** Functions of the script: a hard link costs no space; where the source is on another file system, it is copied. */
const INSTALL_FUNCTIONS = `put() {
  mkdir -p "%{buildroot}\${2%%/*}"
  ln -f "%{_sourcedir}/$1" "%{buildroot}$2" 2>/dev/null ||
    cp --reflink=auto --sparse=auto "%{_sourcedir}/$1" "%{buildroot}$2"
  touch -d "@$3" "%{buildroot}$2"
}
same() {
  mkdir -p "%{buildroot}\${2%%/*}"
  ln "%{buildroot}$1" "%{buildroot}$2"
}
link() {
  mkdir -p "%{buildroot}\${2%%/*}"
  ln -s "$1" "%{buildroot}$2"
  touch -h -d "@$3" "%{buildroot}$2"
}
ghost() {
  mkdir -p "%{buildroot}\${1%%/*}"
  : >"%{buildroot}$1"
  touch -d "@$2" "%{buildroot}$1"
}
folder() {
  mkdir -p "%{buildroot}$1"
  touch -d "@$2" "%{buildroot}$1"
}`;

function installLines(plan: PackagePlan, sources: readonly SpecSource[]): readonly string[] {
  const names = new Map(sources.map(({ entry, name }) => [entry.path, name]));
  const files = plan.entries.flatMap((entry) => {
    const place = `${shellWord(entry.path)} ${entry.mtimeSeconds}`;
    if (entry.kind === "file" && entry.source.kind === "hardlink") return [];
    if (entry.kind === "file") return [`put ${names.get(entry.path)} ${place}`];
    if (entry.kind === "symlink") return [`link ${shellWord(entry.target)} ${place}`];
    return entry.kind === "ghost" ? [`ghost ${place}`] : [];
  });
  const hardLinks = plan.entries.flatMap((entry) =>
    entry.kind === "file" && entry.source.kind === "hardlink"
      ? [`same ${shellWord(entry.source.path)} ${shellWord(entry.path)}`]
      : [],
  );
  // The deepest first, and after the files: a file that is made in a folder changes the folder's time.
  const folders = plan.entries
    .filter(({ kind }) => kind === "directory")
    .map(({ path, mtimeSeconds }) => `folder ${shellWord(path)} ${mtimeSeconds}`);
  return [INSTALL_FUNCTIONS, ...files, ...hardLinks, ...folders, ...folders.toReversed()];
}

function changelogLines(plan: PackagePlan): readonly string[] {
  return plan.changelog.flatMap(({ timeSeconds, author, text }) => {
    const [day = "", date = "", month = "", year = ""] = new Date(timeSeconds * 1000)
      .toUTCString()
      .replace(",", "")
      .split(" ");
    return [`* ${day} ${month} ${date} ${year} ${escapeMacros(author)}`, escapeMacros(text)];
  });
}

/** Returns the architecture lines: a package of images is built on every machine, for one architecture. */
function archLines({ arch }: PackagePlan): readonly string[] {
  return arch === "noarch" ? ["BuildArch: noarch"] : [`ExclusiveArch: ${escapeMacros(arch)}`];
}

function triggerProblems(what: string, { body, interpreter }: Scriptlet): readonly string[] {
  // rpm looks for the first "--" in the line, also in the name of the program.
  const dashed = interpreter.filter((word) => word.includes("--"));
  return [
    ...dashed.map((word) => `${what}: interpreter is "${word}", expected no -- in a spec`),
    ...scriptProblems(what, body),
  ];
}

/** Returns everything in a valid plan that a spec cannot hold; empty if rpmbuild can build it. */
export function specProblems(plan: PackagePlan): readonly string[] {
  return [
    ...(/\s/.test(plan.url ?? "") ? [`url: "${plan.url}", expected no space in a spec`] : []),
    ...proseProblems("description", plan.description),
    ...Object.entries(plan.scriptlets).flatMap(([slot, { body }]) =>
      scriptProblems(`scriptlet ${slot}`, body),
    ),
    ...plan.packageTriggers.flatMap((trigger, index) =>
      triggerProblems(`package trigger ${index + 1}`, trigger),
    ),
    ...plan.fileTriggers.flatMap((trigger, index) =>
      triggerProblems(`file trigger ${index + 1}`, trigger),
    ),
    ...plan.changelog.flatMap(({ text }, index) =>
      proseProblems(`changelog entry ${index + 1}`, text),
    ),
    ...plan.entries.flatMap(({ path }) => filesPathProblems(path)),
  ];
}

/** Returns the values of a spec template for a planned package. Pure. */
export function specValues(
  plan: PackagePlan,
  sources: readonly SpecSource[],
  format: RpmFormat,
): Readonly<Record<SpecVariable, string>> {
  const lines = (...parts: readonly (readonly string[])[]): string => parts.flat().join("\n");
  const { group, vendor, packager, url } = plan;
  return {
    MACROS: lines(macroLines(plan, format)),
    NAME: escapeMacros(plan.name),
    EPOCH: lines(tag("Epoch", plan.epoch)),
    VERSION: escapeMacros(plan.version),
    RELEASE: escapeMacros(plan.release),
    SUMMARY: escapeMacros(plan.summary),
    LICENSE: escapeMacros(plan.license),
    TAGS: lines(
      tag("Group", group),
      tag("Vendor", vendor),
      tag("Packager", packager),
      tag("URL", url),
      archLines(plan),
    ),
    SOURCES: sources.map(({ name }, index) => `Source${index + 1}: ${name}`).join("\n"),
    RELATIONS: lines(
      relationLines("Provides", plan.provides),
      relationLines("Requires", plan.requires),
      relationLines("Conflicts", plan.conflicts),
      relationLines("Obsoletes", plan.obsoletes),
      relationLines("Recommends", plan.recommends),
      relationLines("Suggests", plan.suggests),
      relationLines("Supplements", plan.supplements),
      relationLines("Enhances", plan.enhances),
    ),
    DESCRIPTION: escapeMacros(plan.description),
    INSTALL: lines(installLines(plan, sources)),
    SCRIPTLETS: lines(scriptletLines(plan)),
    FILES: lines(plan.entries.map(fileLine)),
    CHANGELOG: lines(changelogLines(plan)),
  };
}
