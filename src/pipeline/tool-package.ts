import { readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { errnoOf, fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { installationFolder, readInstalled } from "../lib/installation.ts";
import {
  type BundledLibrary,
  type PackagePlan,
  planToolPackage,
  type ToolTexts,
} from "../package/index.ts";
import type { BuiltRpm } from "../rpm/index.ts";
import { type OwnPackageOptions, writeOwnPackage } from "./own-package.ts";

/** Rendered documentation of the command line. */
export interface ToolDocumentation {
  /** The manual page, as roff. */
  readonly manual: string;
  /** The completion of bash. */
  readonly completion: string;
}

const BUNDLE = "dist/bundle";
const LICENSES = `${BUNDLE}/THIRD-PARTY.txt`;
const MAN_PAGE = "virt-appliance.1.gz";

/** Returns the paths of all files below a folder of the installation, as paths below the installation; none when it is missing. */
async function listInstalled(folder: string): Promise<readonly string[]> {
  const absolute = path.join(installationFolder, folder);
  try {
    const entries = await readdir(absolute, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(installationFolder, path.join(entry.parentPath, entry.name)));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw fileError(error, absolute);
  }
}

async function readProgram(bundle: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const files = [
    "package.json",
    ...bundle.filter((name) => name !== LICENSES),
    ...(await listInstalled("repo")),
    ...(await listInstalled("spec-templates")),
  ];
  const program: Record<string, string> = {};
  for (const name of files.sort()) program[name] = await readInstalled(name);
  return program;
}

async function readLibraries(): Promise<readonly BundledLibrary[]> {
  const list: unknown = JSON.parse(await readInstalled(`${BUNDLE}/libraries.json`));
  if (!Array.isArray(list)) throw new TypeError("libraries.json");
  return list.map((one: unknown) => {
    if (typeof one !== "object" || one === null) throw new TypeError("libraries.json");
    return { name: "", version: "", license: "", ...one };
  });
}

async function readToolTexts(completion: string): Promise<ToolTexts> {
  return {
    launcher: await readInstalled("spec-templates/tool/virt-appliance"),
    completion,
    gcService: await readInstalled("spec-templates/tool/virt-appliance-gc.service"),
    gcTimer: await readInstalled("spec-templates/tool/virt-appliance-gc.timer"),
    recoverService: await readInstalled("spec-templates/tool/virt-appliance-recover.service"),
    preset: await readInstalled("spec-templates/tool/80-virt-appliance.preset"),
    license: await readInstalled("LICENSE"),
    thirdParty: await readInstalled(LICENSES),
    postScriptlet: await readInstalled("spec-templates/scriptlets/tool-post.sh"),
    preunScriptlet: await readInstalled("spec-templates/scriptlets/tool-preun.sh"),
  };
}

/**
 * Returns the plan of the package virt-appliance. It contains the bundled program and all files that it reads, so that
 * an installed program can package itself again. Undefined if the program has no bundle.
 */
export async function planTool(
  options: Pick<OwnPackageOptions, "version" | "release" | "dateSeconds">,
  documentation: Pick<ToolDocumentation, "completion">,
): Promise<PackagePlan | undefined> {
  const bundle = await listInstalled(BUNDLE);
  if (!bundle.includes(`${BUNDLE}/main.js`)) return undefined;
  const { version, release, dateSeconds } = options;
  return planToolPackage({
    version,
    release,
    dateSeconds,
    texts: await readToolTexts(documentation.completion),
    stagedManPage: MAN_PAGE,
    program: await readProgram(bundle),
    libraries: await readLibraries(),
  });
}

/**
 * Writes the package virt-appliance into a folder, which is created if it is missing, and returns its path; undefined
 * if the program has no bundle.
 *
 * @throws ApplianceError `RPM_*` for a version or release that rpm does not allow; `LIB_IO`, `LIB_NO_SPACE`,
 *   `LIB_INTERRUPTED`
 */
export async function buildToolPackage(
  options: OwnPackageOptions & { readonly documentation: ToolDocumentation },
  context: Context,
): Promise<BuiltRpm | undefined> {
  const { documentation } = options;
  const plan = await planTool(options, documentation);
  if (plan === undefined) return undefined;
  const staged = { [MAN_PAGE]: await promisify(gzip)(documentation.manual, { level: 9 }) };
  return writeOwnPackage(plan, { ...options, staged }, context);
}
