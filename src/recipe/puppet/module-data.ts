import { countOf } from "../../lib/count-of.ts";
import type { RecipeProblem } from "../kickstart/model.ts";
import { readHieraConfig } from "./hiera-config.ts";
import { parseData } from "./puppet-yaml.ts";

/** A text file of a module that may be Hiera data. */
export interface ModuleText {
  /** Path relative to the module's folder. */
  readonly path: string;
  readonly text: () => Promise<string>;
}

/** Maximum number of data files that are checked. */
const MAX_FILES = 1000;

/**
 * Returns the problems of a module's own data: a configuration that Puppet does not use, invalid data files, and files
 * that no level of the hierarchy reaches.
 *
 * @param texts  `hiera.yaml`, and every file that may be data by its name
 * @param prefix  prefix of origins: the module's folder with a trailing slash
 */
export async function checkModuleData(
  texts: readonly ModuleText[],
  prefix: string,
): Promise<readonly RecipeProblem[]> {
  const problems: RecipeProblem[] = [];
  const module = prefix.split("/").at(-2) ?? "";
  const add = (severity: RecipeProblem["severity"], path: string, message: string): void => {
    const origin = prefix + path;
    problems.push({ severity, code: "module-data", message, line: undefined, origin });
  };
  const file = texts.find(({ path }) => path === "hiera.yaml");
  const config = readHieraConfig(file === undefined ? undefined : await file.text());
  const inside = texts.filter(({ path }) => config.folders.some((one) => path.startsWith(one)));
  // A module without data needs no configuration.
  if (file !== undefined || inside.length > 0)
    for (const { severity, message } of config.findings) add(severity, "hiera.yaml", message);
  for (const { path, text } of inside.slice(0, MAX_FILES)) {
    if (config.isReached(path)) {
      for (const { severity, message } of parseData(await text(), path, module))
        add(severity, path, message);
    } else if (config.isUsed) {
      add("warning", path, "no level of hiera.yaml reaches this file; Puppet does not read it");
    }
  }
  if (inside.length > MAX_FILES) {
    add(
      "error",
      "data",
      `${countOf(inside.length, "file")} of data, expected at most ${MAX_FILES}`,
    );
  }
  return problems;
}
