import { cp, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { VirtAppliance } from "../demo/program.ts";
import type { Say } from "../demo/tell.ts";

const NAME = "demo";
const PAGE = path.join(import.meta.dirname, "../recipes/page");

/** A signed repository with version 1.0 of the recipe, and the packages of 1.1. */
export interface RecipeRepository {
  readonly folder: string;
  readonly repoFileUrl: string;
  /** Not yet in the repository. */
  readonly newRpms: readonly string[];
}

/** Step 2: a key, both versions of the recipe as signed packages, and a signed repository that holds the first. */
export async function makeRecipeRepository(
  options: { readonly folder: string; readonly port: number },
  virtAppliance: VirtAppliance,
  say: Say,
): Promise<RecipeRepository> {
  await virtAppliance(["keys", "generate", "--name", NAME, "--email", "demo@example.com"]);
  const out = path.join(options.folder, "rpms");
  const build = async (source: string): Promise<readonly string[]> => {
    const rpms = await virtAppliance(["build", source, "-o", out, "--sign", NAME]);
    for (const rpm of rpms) {
      const kib = ((await stat(rpm)).size / 1024).toFixed(1);
      say(`${path.basename(rpm)}: ${kib} KiB, signed`);
    }
    return rpms;
  };
  const oldRpms = await build(PAGE);
  const newRpms = await build(await writeNewVersion(options.folder));
  const folder = path.join(options.folder, "repo");
  const baseUrl = `http://127.0.0.1:${options.port}`;
  const where = ["--name", NAME, "--base-url", baseUrl, "--key", NAME];
  await virtAppliance(["repo", "init", folder, ...where]);
  await virtAppliance(["repo", "add", folder, ...oldRpms]);
  return { folder, repoFileUrl: `${baseUrl}/${NAME}.repo`, newRpms };
}

/** The recipe with a longer page. */
async function writeNewVersion(folder: string): Promise<string> {
  const recipe = path.join(folder, "page-1.1");
  await cp(PAGE, recipe, { recursive: true });
  const edit = async (name: string, change: (text: string) => string): Promise<void> => {
    const file = path.join(recipe, name);
    await writeFile(file, change(await readFile(file, "utf8")));
  };
  await edit("appliance.xml", (text) => text.replace('<name version="1.0"', '<name version="1.1"'));
  await edit("puppet/page/metadata.json", (text) => text.replace('"1.0.0"', '"1.1.0"'));
  await edit(
    "puppet/page/templates/index.html.epp",
    (text) => `${text}<p>new in version 1.1</p>\n`,
  );
  return recipe;
}
