import { readdir } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { knownNames } from "../lib/closest.ts";
import { fileError } from "../lib/atomic.ts";
import { compareEvr } from "../lib/evr.ts";
import { reinstallAdvice } from "../lib/image-mode.ts";
import { findPlainText } from "../lib/plain-file.ts";

/** One recipe in a host's catalogue. */
export interface InstalledRecipe {
  /** Folder of the entry, which can be opened as a recipe. */
  readonly directory: string;
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly release: string;
  readonly label: string;
  /** Name of the recipe's Puppet module, if the entry has one. */
  readonly module: string | undefined;
}

function moduleOf(value: unknown): string | undefined {
  const isNamed = typeof value === "object" && value !== null && "name" in value;
  return isNamed && typeof value.name === "string" ? value.name : undefined;
}

async function readEntry(directory: string): Promise<InstalledRecipe | undefined> {
  const file = path.join(directory, "recipe.json");
  const text = await findPlainText(file).catch(() => undefined);
  // An image, or an incomplete installation.
  if (text === undefined) return undefined;
  const hint = await reinstallAdvice(file);
  const broken = (cause?: unknown): ApplianceError =>
    new ApplianceError("RECIPE_INVALID", `${file}: catalogue entry is corrupt or was edited`, {
      cause,
      hint,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(error);
  }
  const fields = new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const field = (name: string): string => {
    const found: unknown = fields.get(name);
    if (typeof found === "string" && found !== "") return found;
    throw broken();
  };
  if (fields.get("schema") !== 1) throw broken();
  return {
    directory,
    name: field("name"),
    package: field("package"),
    version: field("version"),
    release: field("release"),
    label: field("label"),
    module: moduleOf(fields.get("module")),
  };
}

/** Returns the recipes of a catalogue, sorted by name, and the newest first within a name. */
export async function listInstalledRecipes(
  catalogueDir: string,
): Promise<readonly InstalledRecipe[]> {
  const names = await readdir(catalogueDir).catch((error: unknown): string[] => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw fileError(error, catalogueDir);
  });
  const entries = await Promise.all(
    names
      .filter((name) => !name.startsWith("."))
      .map((name) => readEntry(path.join(catalogueDir, name))),
  );
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => (a.name === b.name ? compareEvr(b, a) : a.name < b.name ? -1 : 1));
}

/**
 * Returns the newest recipe with a name. The name is that of the appliance, with or without `-recipe`, or that of the
 * package. `-VERSION` or `-VERSION-RELEASE` may follow.
 *
 * @throws ApplianceError `RECIPE_UNKNOWN`
 */
export async function findInstalledRecipe(
  catalogueDir: string,
  wanted: string,
): Promise<InstalledRecipe> {
  const all = await listInstalledRecipes(catalogueDir);
  const found = all.find((entry) => {
    const { version, release } = entry;
    return [entry.name, `${entry.name}-recipe`, entry.package].some((name) =>
      [name, `${name}-${version}`, `${name}-${version}-${release}`].includes(wanted),
    );
  });
  if (found !== undefined) return found;
  throw new ApplianceError("RECIPE_UNKNOWN", `${wanted}: no such recipe is installed`, {
    details: knownNames(
      wanted,
      all.map((entry) => `${entry.name}-${entry.version}-${entry.release}`),
    ),
    hint: "install its package, or name the recipe's folder",
  });
}
