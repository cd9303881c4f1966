import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileError } from "../lib/atomic.ts";
import {
  type Kickstart,
  type ParameterLayer,
  parseKickstart,
  parseLayer,
  type RecipeProblem,
  refuseRecipeErrors,
  type SiteAnswers,
} from "../recipe/index.ts";
import { readRecipeText } from "../source/index.ts";

/** Folders of a site's settings. */
export interface SitePlaces {
  /** `/etc/virt-appliance` on a host. */
  readonly settingsDir: string;
  /** `/usr/share/virt-appliance/kickstarts` on a host. */
  readonly kickstartsDir: string;
}

/** Maximum number of files that are read from one folder. */
const MAX_FILES = 1000;

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function filesOf(folder: string, form: RegExp): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: unknown): Dirent[] => {
      if (isAbsent(error)) return [];
      throw fileError(error, folder);
    },
  );
  return entries
    .filter((entry) => !entry.isDirectory() && form.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .slice(0, MAX_FILES);
}

/** Reads a file; undefined if it does not exist. */
async function readOptional(
  absolutePath: string,
  problems: RecipeProblem[],
): Promise<string | undefined> {
  const file = { path: absolutePath, absolutePath, isExecutable: false };
  try {
    return await readRecipeText(file, (problem) => problems.push(problem));
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (isAbsent(cause)) return undefined;
    throw error;
  }
}

async function readKickstart(
  file: string,
  problems: RecipeProblem[],
): Promise<Kickstart | undefined> {
  const text = await readOptional(file, problems);
  if (text === undefined) return undefined;
  const parsed = parseKickstart(text, file);
  problems.push(...parsed.problems);
  return parsed.kickstart;
}

/**
 * Reads the stock kickstarts of a machine, by name; none if the folder does not exist. A file that is not well-formed
 * is skipped. A recipe that includes it reports it as missing.
 */
export async function readStockKickstarts(folder: string): Promise<ReadonlyMap<string, Kickstart>> {
  const stock = new Map<string, Kickstart>();
  for (const name of await filesOf(folder, /^[A-Za-z0-9][A-Za-z0-9._-]*$/)) {
    const problems: RecipeProblem[] = [];
    const kickstart = await readKickstart(path.join(folder, name), problems);
    if (kickstart !== undefined && problems.length === 0) stock.set(name, kickstart);
  }
  return stock;
}

/**
 * Reads a site's settings for a recipe: `site.ks`, `recipes/NAME.ks`, and the values of parameters in
 * `parameters.d/*.yaml` (in the order of their names) and `recipes/NAME.yaml`. All files are optional.
 *
 * @param name  name of the recipe
 * @throws ApplianceError `RECIPE_INVALID` with every problem of every file, `LIB_IO`
 */
export async function readSiteAnswers(places: SitePlaces, name: string): Promise<SiteAnswers> {
  const { settingsDir, kickstartsDir } = places;
  const problems: RecipeProblem[] = [];
  const layers: ParameterLayer[] = [];
  const addLayer = async (file: string, shared: boolean): Promise<void> => {
    const text = await readOptional(file, problems);
    if (text === undefined) return;
    const parsed = parseLayer(text, { origin: file, shared });
    problems.push(...parsed.problems);
    layers.push(parsed.layer);
  };
  const shared = path.join(settingsDir, "parameters.d");
  for (const file of await filesOf(shared, /^[^.].*\.ya?ml$/)) {
    await addLayer(path.join(shared, file), true);
  }
  const own = path.join(settingsDir, "recipes", name);
  await addLayer(`${own}.yaml`, false);
  const answers = {
    site: await readKickstart(path.join(settingsDir, "site.ks"), problems),
    siteRecipe: await readKickstart(`${own}.ks`, problems),
    layers,
    stock: await readStockKickstarts(kickstartsDir),
  };
  refuseRecipeErrors(problems, settingsDir);
  return answers;
}
