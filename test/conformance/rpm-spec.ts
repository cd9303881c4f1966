import { chmod, lutimes, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type {
  PackagePlan,
  PlannedEntry,
  Relation,
  Scriptlet,
  VerifyAspect,
} from "../../src/package/index.ts";
import { testContext } from "../support/context.ts";

const escape = (text: string): string => text.replaceAll("%", "%%");

function relationText({ name, comparison, version }: Relation): string {
  return version === undefined ? name : `${name} ${comparison} ${version}`;
}

function relationTags(tag: string, relations: readonly Relation[]): string[] {
  return relations.map((relation) => {
    const phases = relation.phases === undefined ? "" : `(${relation.phases.join(",")})`;
    return `${tag}${phases}: ${relationText(relation)}`;
  });
}

function program({ interpreter }: Scriptlet): string {
  return `-p "${interpreter.join(" ")}"`;
}

/** The one aspect that a spec calls by another name. */
const verifyWord = (aspect: VerifyAspect): string => (aspect === "digest" ? "filedigest" : aspect);

function fileLine(entry: PlannedEntry): string {
  const attributes = entry.attributes ?? [];
  const config = attributes.filter((one) => one === "noreplace" || one === "missingok");
  const permissions = entry.kind === "symlink" ? "-" : entry.mode.toString(8);
  return [
    `%attr(${permissions},${entry.user},${entry.group})`,
    ...(entry.verifyExcept === undefined
      ? []
      : [`%verify(not ${entry.verifyExcept.map(verifyWord).join(" ")})`]),
    ...(attributes.includes("config")
      ? [config.length === 0 ? "%config" : `%config(${config.join(" ")})`]
      : []),
    ...["doc", "license", "readme"]
      .filter((one) => attributes.some((attribute) => attribute === one))
      .map((one) => `%${one}`),
    ...(entry.kind === "ghost" ? ["%ghost"] : []),
    ...(entry.kind === "directory" ? ["%dir"] : []),
    `"${escape(entry.path)}"`,
  ].join(" ");
}

function changelogLines(plan: PackagePlan): string[] {
  return plan.changelog.flatMap(({ timeSeconds, author, text }) => {
    const [day = "", month = "", date = "", year = ""] = new Date(timeSeconds * 1000)
      .toUTCString()
      .replace(",", "")
      .split(" ")
      .flatMap((word, i, words) =>
        i === 1 ? [words[2] ?? ""] : i === 2 ? [words[1] ?? ""] : [word],
      );
    return [`* ${day} ${month} ${date} ${year} ${author}`, escape(text)];
  });
}

/** Renders the spec that asks rpmbuild for the planned package; `tree` is copied into the build root. */
export function renderTestSpec(plan: PackagePlan, tree: string): string {
  const optional = (tag: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`${tag}: ${escape(String(value))}`];
  return [
    ...optional("Name", plan.name),
    ...optional("Epoch", plan.epoch),
    ...optional("Version", plan.version),
    ...optional("Release", plan.release),
    ...optional("Summary", plan.summary),
    ...optional("License", plan.license),
    ...optional("Group", plan.group),
    ...optional("Vendor", plan.vendor),
    ...optional("Packager", plan.packager),
    ...optional("URL", plan.url),
    ...(plan.arch === "noarch" ? ["BuildArch: noarch"] : []),
    ...relationTags("Provides", plan.provides),
    ...relationTags("Requires", plan.requires),
    ...relationTags("Conflicts", plan.conflicts),
    ...relationTags("Obsoletes", plan.obsoletes),
    ...relationTags("Recommends", plan.recommends),
    ...relationTags("Suggests", plan.suggests),
    ...relationTags("Supplements", plan.supplements),
    ...relationTags("Enhances", plan.enhances),
    "%description",
    escape(plan.description),
    "%install",
    `cp -a '${tree}/.' '%{buildroot}/'`,
    ...Object.entries(plan.scriptlets).flatMap(([slot, scriptlet]) => [
      `%${slot === "verify" ? "verifyscript" : slot} ${program(scriptlet)}`,
      escape(scriptlet.body),
    ]),
    ...plan.fileTriggers.flatMap((trigger) => {
      const section = `${trigger.scope === "transaction" ? "trans" : ""}filetrigger${trigger.event}`;
      const priority = trigger.priority === undefined ? "" : `-P ${trigger.priority} `;
      return [
        `%${section} ${priority}${program(trigger)} -- ${trigger.paths.join(" ")}`,
        escape(trigger.body),
      ];
    }),
    "%files",
    ...plan.entries.map(fileLine),
    "%changelog",
    ...changelogLines(plan),
    "",
  ].join("\n");
}

async function plant(tree: string, entry: PlannedEntry, content: Uint8Array): Promise<void> {
  const at = path.join(tree, entry.path);
  await mkdir(path.dirname(at), { recursive: true });
  if (entry.kind === "directory") await mkdir(at, { recursive: true });
  // A ghost need not be there, but rpmbuild would give it the present time.
  if (entry.kind === "file" || entry.kind === "ghost") await writeFile(at, content);
  if (entry.kind === "symlink") await symlink(entry.target, at);
  if (entry.kind === "file") await chmod(at, 0o644);
}

const compressions = { none: "ufdio", gzip: "gzdio", zstd: "zstdio" } as const;

/**
 * Builds the planned package with the real rpmbuild.
 *
 * @param contentOf  answers the final content of a regular file
 * @returns the package's path
 */
export async function buildWithRpmbuild(
  folder: string,
  plan: PackagePlan,
  contentOf: (path: string) => Uint8Array,
): Promise<string> {
  const tree = path.join(folder, "tree");
  await mkdir(tree, { recursive: true });
  for (const entry of plan.entries) {
    await plant(tree, entry, entry.kind === "file" ? contentOf(entry.path) : Buffer.alloc(0));
  }
  // Deepest first: writing into a folder changes its time.
  for (const entry of plan.entries.toReversed()) {
    await lutimes(path.join(tree, entry.path), entry.mtimeSeconds, entry.mtimeSeconds);
  }
  const spec = path.join(folder, "package.spec");
  await writeFile(spec, renderTestSpec(plan, tree));
  const { payload } = plan;
  const level =
    payload.compressor === "none"
      ? ""
      : `${payload.level}${payload.compressor === "zstd" ? "T0" : ""}`;
  const defines = [
    `_topdir ${folder}/top`,
    `_rpmdir ${folder}/rpms`,
    "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    `_buildhost ${plan.buildHost}`,
    "use_source_date_epoch_as_buildtime 1",
    "source_date_epoch_from_changelog 0",
    "_binary_filedigest_algorithm 8",
    `_binary_payload w${level}.${compressions[payload.compressor]}`,
    "__os_install_post %{nil}",
    "debug_package %{nil}",
    "_build_id_links none",
    // No dependencies from what is in the files: an appliance's files belong to another system.
    "__requires_exclude .*",
    "__provides_exclude .*",
  ];
  const { run } = testContext();
  await run(
    "rpmbuild",
    ["-bb", "--target", plan.arch, ...defines.flatMap((one) => ["--define", one]), spec],
    { env: { SOURCE_DATE_EPOCH: String(plan.buildTimeSeconds), HOME: folder } },
  );
  return path.join(folder, "rpms", `${plan.name}-${plan.version}-${plan.release}.${plan.arch}.rpm`);
}
