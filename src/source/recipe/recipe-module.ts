import { ApplianceError } from "../../errors.ts";
import { openTemporaryFolder } from "../../lib/atomic.ts";
import type { Context } from "../../lib/context.ts";
import {
  checkModuleData,
  isModuleName,
  type ModuleMetadata,
  type ModuleText,
  parseMetadata,
  type RecipeFile,
  type RecipeModule,
  type RecipeProblem,
} from "../../recipe/index.ts";
import { readRecipeText } from "./recipe-text.ts";

type Report = (problem: RecipeProblem) => void;

/** Puppet starts slowly; this is far longer. */
const TIME_LIMIT_MS = 120_000;

function errorAt(origin: string, code: string, message: string): RecipeProblem {
  return { severity: "error", code, message, line: undefined, origin };
}

/** Returns the name of the one module below `puppet/`. */
function moduleName(files: readonly RecipeFile[], report: Report): string | undefined {
  const names = [...new Set(files.map(({ path }) => path.split("/")[1] ?? ""))];
  const loose = files.filter(({ path }) => path.split("/").length === 2);
  const [name] = names;
  if (names.length !== 1 || name === undefined || loose.length > 0) {
    const found = names.join(", ") || "nothing";
    const message = `expected exactly one folder, the Puppet module, found ${found}`;
    report(errorAt("puppet", "module-count", message));
    return undefined;
  }
  if (isModuleName(name)) return name;
  const message = `"${name}" is not a valid module name: expected a lower-case letter, then letters, digits and _, and no name that Puppet reserves`;
  report(errorAt(`puppet/${name}`, "module-name", message));
  return undefined;
}

/** Converts Puppet's messages on standard error into problems. */
function puppetProblems(stderr: string, folder: string): readonly RecipeProblem[] {
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("Error:") && line.includes("(file: "))
    .map((line): RecipeProblem => {
      const place = /\(file: ([^,)]*)(?:, line: (\d+))?/.exec(line);
      const file = place?.[1]?.replace(`${folder}/`, "") ?? "puppet";
      const message = line.replace(/^Error: (Could not parse for environment \w+: )?/, "");
      return {
        severity: "error",
        code: "module-code",
        message: message.replace(/ \(file: .*$/, ""),
        line: place?.[2] === undefined ? undefined : Number(place[2]),
        origin: file,
      };
    });
}

/** Has Puppet check manifests and templates. Without Puppet, reports a warning. */
async function validateWithPuppet(
  files: readonly RecipeFile[],
  context: Context,
  report: Report,
): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const folder = first.absolutePath.slice(0, -first.path.length - 1);
  await using state = await openTemporaryFolder(context.temporaryFolder);
  const places = ["--confdir", state.path, "--vardir", state.path, "--color", "false"];
  const ask = async (command: readonly string[], suffix: string): Promise<void> => {
    const named = files.filter(({ path }) => path.endsWith(suffix));
    if (named.length === 0) return;
    const paths = named.map(({ absolutePath }) => absolutePath);
    const { exitCode, stderr } = await context.run("puppet", [...command, ...places, ...paths], {
      acceptExitCodes: [1],
      env: { HOME: state.path, LC_ALL: "C.UTF-8" },
      timeoutMs: TIME_LIMIT_MS,
    });
    if (exitCode === 0) return;
    const problems = puppetProblems(stderr, folder);
    for (const problem of problems) report(problem);
    if (problems.length === 0) {
      report(errorAt("puppet", "module-code", `puppet reports: ${stderr.trim().slice(-500)}`));
    }
  };
  try {
    await ask(["parser", "validate"], ".pp");
    await ask(["epp", "validate"], ".epp");
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_MISSING") throw error;
    report({
      ...errorAt(
        "puppet",
        "module-unchecked",
        "puppet is not installed; manifests are not checked",
      ),
      severity: "warning",
    });
  }
}

/** Reports parts of the module's data that Puppet would miss or ignore. */
async function checkData(
  files: readonly RecipeFile[],
  module: string,
  report: Report,
): Promise<void> {
  const prefix = `puppet/${module}/`;
  const texts: ModuleText[] = [];
  for (const file of files) {
    const path = file.path.slice(prefix.length);
    const isData = path === "hiera.yaml" || /\.(ya?ml|eyaml|json|conf)$/.test(path);
    if (!isData || path === "metadata.json" || !file.path.startsWith(prefix)) continue;
    texts.push({ path, text: () => readRecipeText(file, report) });
  }
  for (const problem of await checkModuleData(texts, prefix)) report(problem);
}

/** Reports modules that are not in the package: the server must have them. */
function reportDependencies(metadata: ModuleMetadata, origin: string, report: Report): void {
  for (const { name, versions } of metadata.dependencies) {
    const what = versions === undefined ? name : `${name} (${versions})`;
    const message = `needs the module ${what}, which is not in the recipe: a Puppet server must have it, and a VM without a server cannot be created`;
    report({ ...errorAt(origin, "module-needs", message), severity: "warning" });
  }
}

/**
 * Reads the Puppet module of a recipe: name, metadata.json, main class and, on request, Puppet's own checks.
 *
 * @param files  everything below `puppet/`
 * @returns undefined if it cannot be used; the problems state why
 */
export async function readRecipeModule(
  files: readonly RecipeFile[],
  context: Context,
  options: { readonly runsPuppet: boolean; readonly report: Report },
): Promise<RecipeModule | undefined> {
  const { report } = options;
  const name = moduleName(files, report);
  if (name === undefined) return undefined;
  const at = (relative: string): RecipeFile | undefined =>
    files.find(({ path }) => path === `puppet/${name}/${relative}`);
  const metadataFile = at("metadata.json");
  const main = at("manifests/init.pp");
  if (main === undefined) {
    report(
      errorAt(`puppet/${name}`, "module-class", `missing manifests/init.pp with class ${name}`),
    );
  } else if (
    // White space in front ends with its line: otherwise each of many empty lines would be a place to begin.
    !new RegExp(`^[^\\S\\n]*class\\s+${name}\\b(?!::)`, "m").test(
      await readRecipeText(main, report),
    )
  ) {
    report(errorAt(main.path, "module-class", `does not define class ${name}`));
  }
  if (options.runsPuppet) await validateWithPuppet(files, context, report);
  await checkData(files, name, report);
  if (metadataFile === undefined) {
    report(errorAt(`puppet/${name}`, "module-metadata", "no metadata.json"));
    return undefined;
  }
  const text = await readRecipeText(metadataFile, report);
  const parsed = parseMetadata(text, { origin: metadataFile.path, module: name });
  for (const problem of parsed.problems) report(problem);
  if (parsed.metadata === undefined) return undefined;
  reportDependencies(parsed.metadata, metadataFile.path, report);
  return { name, metadata: parsed.metadata, files };
}
