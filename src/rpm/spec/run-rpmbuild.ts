import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { fileError, moveInto, openTemporaryFolder, syncFile } from "../../lib/atomic.ts";
import type { Context } from "../../lib/context.ts";
import { countOf } from "../../lib/count-of.ts";
import { readInstalled } from "../../lib/installation.ts";
import type { PackagePlan } from "../../package/index.ts";
import type { BuiltRpm, RpmEngine } from "../engine.ts";
import { specSources } from "./spec-sources.ts";
import {
  type FilledTemplate,
  fillSpecTemplate,
  refuseBadTemplate,
  type SpecTemplate,
} from "./spec-template.ts";
import { specProblems, specValues } from "./spec-values.ts";
import { stageSources } from "./stage-sources.ts";

const TEMPLATE = "spec-templates/package.spec.tmpl";
/** What rpmbuild adds to its setting of the space for signatures. */
const OWN_SPACE_BYTES = 32;
/** How often the time that rpmbuild takes is shown. */
const TICK_MS = 500;

/** Linux's limit for a path. */
const MAX_PATH_BYTES = 4095;
/** More than a temporary folder and rpm's own folders below it have, without the package's name. */
const BUILD_FOLDER_BYTES = 100;

/** Returns the paths that are too long in a build root: its own path has the name of the package, in rpm 4.20 twice. */
function longPathProblems(plan: PackagePlan, outputFolder: string): readonly string[] {
  const { name, version, release, arch } = plan;
  const packageBytes = `${name}-${version}-${release}.${arch}`.length;
  const folderBytes = Buffer.byteLength(path.resolve(outputFolder));
  const most = MAX_PATH_BYTES - folderBytes - BUILD_FOLDER_BYTES - 2 * packageBytes;
  return plan.entries
    .map((entry) => [entry.path, Buffer.byteLength(entry.path)] as const)
    .filter(([, bytes]) => bytes > most)
    .map(
      ([at, bytes]) =>
        `path "${at.slice(0, 80)}…" has ${bytes} bytes, expected at most ${most} in a build root`,
    );
}

function refuseWhatSpecsCannotHold(plan: PackagePlan, outputFolder: string): void {
  const details = [...specProblems(plan), ...longPathProblems(plan, outputFolder)];
  if (details.length === 0) return;
  throw new ApplianceError(
    "RPM_BAD_PLAN",
    `${plan.name}: ${countOf(details.length, "problem")} for the spec of rpmbuild`,
    { details, hint: "reword it, or build with the native engine" },
  );
}

/** The spec that rpmbuild reads. */
interface Spec {
  readonly path: string;
  readonly template: SpecTemplate;
  readonly filled: FilledTemplate;
}

/** Adds to a message about a line of the spec, which is removed, the line of the template that it comes from. */
function withTemplateLine(message: string, { template, filled }: Spec): string {
  const number = Number(/\bline (\d+):/.exec(message)?.[1]);
  const line = filled.lines[number - 1];
  return line === undefined ? message : `${message}  (${template.name}, line ${line})`;
}

/** Turns rpmbuild's failure into one that names package and template, with what rpmbuild printed. */
function explained(error: unknown, plan: PackagePlan, spec: Spec): unknown {
  if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") return error;
  const { name } = spec.template;
  return new ApplianceError(
    "RPM_RPMBUILD",
    `${plan.name}: rpmbuild ended with an error, on the spec of ${name}`,
    {
      cause: error,
      details: error.details
        // Without the trace of the shell.
        .filter((line) => !line.startsWith("+ "))
        .map((line) => withTemplateLine(line, spec)),
    },
  );
}

async function run(
  plan: PackagePlan,
  job: {
    readonly top: string;
    readonly spec: Spec;
    readonly isSource: boolean;
    readonly signatureSpace: number | undefined;
  },
  context: Context,
): Promise<void> {
  const { top, spec, isSource, signatureSpace: space } = job;
  const defines = [
    `_topdir ${top}`,
    `_rpmdir ${path.join(top, "out")}`,
    `_srcrpmdir ${path.join(top, "out")}`,
    `_tmppath ${path.join(top, "tmp")}`,
    "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    ...(space === undefined ? [] : [`__gpg_reserved_space ${space - OWN_SPACE_BYTES}`]),
  ];
  const progress = context.progress.start(`rpmbuild ${plan.name}`, "time");
  const ticks = setInterval(() => progress.note?.(""), TICK_MS);
  try {
    const args = [isSource ? "-bs" : "-bb", "--target", plan.arch];
    // An empty home: the package does not depend on the macros of one user.
    const env = { SOURCE_DATE_EPOCH: String(plan.buildTimeSeconds), HOME: path.join(top, "tmp") };
    await context.run(
      "rpmbuild",
      [...args, ...defines.flatMap((one) => ["--define", one]), "--", spec.path],
      { env, endsChildren: true },
    );
  } catch (error) {
    throw explained(error, plan, spec);
  } finally {
    clearInterval(ticks);
    progress.done();
  }
}

/**
 * Refuses a folder whose path rpm or the shell of its scripts would expand or split: it cannot be quoted for both.
 *
 * @throws ApplianceError `LIB_UNSAFE_PATH`
 */
function refuseBadFolder(folder: string): void {
  const found = /[^\p{L}\p{N}._+~@,:=/-]/u.exec(path.resolve(folder))?.[0];
  if (found === undefined) return;
  throw new ApplianceError(
    "LIB_UNSAFE_PATH",
    `${folder}: rpmbuild cannot work in a folder with ${JSON.stringify(found)} in its path`,
    { hint: "choose a folder whose path has only letters, digits and . _ + ~ @ , : = - /" },
  );
}

/** @param version  what `rpmbuild --version` printed: `RPM version 6.0.1` */
function refuseOldRpmbuild(version: string): void {
  if (Number(/(\d+)\./.exec(version)?.[1]) >= 6) return;
  throw new ApplianceError(
    "RPM_RPMBUILD",
    `${version.trim()}: rpmbuild before 6.0 cannot write format 6`,
    { hint: "build with the native engine, or where rpm 6 is installed" },
  );
}

/** Finds an rpmbuild that is missing or too old, a bad template and a bad folder before images are converted. */
export const checkRpmbuild: RpmEngine["check"] = async ({ choice, outputFolder }, context) => {
  if (choice.template !== undefined) refuseBadTemplate(choice.template);
  refuseBadFolder(outputFolder);
  const { stdout } = await context.run("rpmbuild", ["--version"]);
  // A source package of an older one asks for format 6 where it is rebuilt.
  if (choice.format === 6 && choice.isSource !== true) refuseOldRpmbuild(stdout);
};

async function defaultTemplate(): Promise<SpecTemplate> {
  return { name: TEMPLATE, text: await readInstalled(TEMPLATE) };
}

/**
 * The engine rpmbuild: fills in the template of a spec and runs rpmbuild on it, in a temporary folder in the output
 * folder. Writes the package, or its source package.
 *
 * @throws ApplianceError `RPM_BAD_PLAN` for what a spec cannot hold; `RPM_BAD_TEMPLATE`; `RPM_RPMBUILD` with what rpmbuild
 *   printed; `LIB_EXEC_MISSING`, `LIB_IO`, `LIB_NO_SPACE`, `LIB_INTERRUPTED`
 */
export const runRpmbuild: RpmEngine["build"] = async (plan, { folders, choice }, context) => {
  refuseWhatSpecsCannotHold(plan, folders.outputFolder);
  refuseBadFolder(folders.outputFolder);
  const sources = specSources(plan);
  const template = choice.template ?? (await defaultTemplate());
  const filled = fillSpecTemplate(template, specValues(plan, sources, choice.format ?? 4));
  await using work = await openTemporaryFolder(folders.outputFolder);
  const top = work.path;
  const folder = path.join(top, "SOURCES");
  const spec: Spec = { path: path.join(top, `${plan.name}.spec`), template, filled };
  const isSource = choice.isSource === true;
  try {
    for (const name of ["SOURCES", "tmp", "out"]) await mkdir(path.join(top, name));
    // An empty line at the end: the last line of a text may end with a backslash, and rpm then wants one more.
    await writeFile(spec.path, `${filled.text}\n`, { flag: "wx" });
  } catch (error) {
    throw fileError(error, spec.path);
  }
  await stageSources({ plan, sources, folders, folder }, context);
  const { signatureSpace } = choice;
  await run(plan, { top, spec, isSource, signatureSpace }, context);
  return await take(plan, { spec, written: path.join(top, "out"), isSource }, folders.outputFolder);
};

/**
 * Moves the package that rpmbuild wrote to the output folder.
 *
 * @throws ApplianceError `RPM_BAD_TEMPLATE` if the template made other packages: the catalogue on hosts has the name and version of the plan
 */
async function take(
  plan: PackagePlan,
  job: { readonly spec: Spec; readonly written: string; readonly isSource: boolean },
  outputFolder: string,
): Promise<BuiltRpm> {
  const { name: packageName, version, release, arch } = plan;
  const name = `${packageName}-${version}-${release}.${job.isSource ? "src" : arch}.rpm`;
  const target = path.join(outputFolder, name);
  const file = path.join(job.written, name);
  try {
    const found = await readdir(job.written);
    if (found.length !== 1 || found[0] !== name) {
      throw new ApplianceError(
        "RPM_BAD_TEMPLATE",
        `${job.spec.template.name}: made ${found.sort().join(", ") || "no package"}, expected ${name}`,
        { hint: "leave name, version and release to the variables, and make no more packages" },
      );
    }
    const { size } = await stat(file);
    await syncFile(file);
    await moveInto(file, target);
    return { path: target, name, sizeBytes: size };
  } catch (error) {
    throw fileError(error, target);
  }
}
