import { stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import type { SourceKind } from "../kinds/kind.ts";
import { recogniseSource } from "../kinds/recognise.ts";
import { chooseLimits, type SourceKindName, type SourceLimits } from "../model.ts";
import { Spool } from "../spool.ts";
import { isRecipeDirectory, isRecipeListing } from "./recipe-directory.ts";

/** Largest tarball that is searched for a recipe. Recipes are far smaller, and disk images are not read twice. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;

/** Maximum unpacked size of a recipe. */
const MAX_EXPANDED_BYTES = 256 * 1024 * 1024;

/** Where a recipe's files are, until it is disposed of. */
export interface FoundRecipe extends AsyncDisposable {
  readonly kind: SourceKindName;
  /** Folder of the descriptor: the given one, or a temporary one. */
  readonly folder: string;
}

async function isSmallFile(origin: string): Promise<boolean> {
  const stats = await stat(origin).catch(() => undefined);
  return stats?.isFile() === true && stats.size <= MAX_ARCHIVE_BYTES;
}

/** Returns the kind of a source that contains files; undefined if it is not one. */
async function containerKind(origin: string): Promise<SourceKind | undefined> {
  try {
    const kind = await recogniseSource(origin);
    return kind.isSpooled ? kind : undefined;
  } catch (error) {
    // The caller reports other kinds of sources.
    if (error instanceof ApplianceError && error.code === "SOURCE_UNKNOWN_FORMAT") return undefined;
    throw error;
  }
}

/** Returns the folder of a recipe among the members of an archive, or undefined when there is none. */
function recipeFolder(names: readonly string[]): string | undefined {
  const folders = names
    .filter((name) => /^([^/]+\/)?[^/]+\.xml$/i.test(name))
    .map((name) => path.posix.dirname(name));
  return folders.find((folder) => {
    const prefix = folder === "." ? "" : `${folder}/`;
    const below = names.filter((name) => name.startsWith(prefix));
    return isRecipeListing([
      ...new Set(below.map((name) => name.slice(prefix.length).split("/")[0] ?? "")),
    ]);
  });
}

/**
 * Finds the recipe at a path: a folder, or a tarball, which is unpacked into a temporary folder.
 *
 * @returns undefined if it is not a recipe: an appliance, or a file that `openSource` reports
 * @throws ApplianceError `LIB_TAR_*`, `LIB_COMPRESSED_CORRUPT`, `LIB_UNSAFE_PATH`, `SOURCE_MEMBER_REFUSED`, `LIB_IO`,
 *   `LIB_EXEC_MISSING`, `LIB_NO_SPACE`, `LIB_INTERRUPTED`; nothing is left behind then
 */
export async function findRecipe(
  origin: string,
  context: Context,
  options: Partial<SourceLimits> & { readonly temporaryFolder?: string } = {},
): Promise<FoundRecipe | undefined> {
  if (await isRecipeDirectory(origin)) {
    return { kind: "directory", folder: origin, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const kind = (await isSmallFile(origin)) ? await containerKind(origin) : undefined;
  if (kind === undefined) return undefined;
  const { temporaryFolder = context.temporaryFolder, ...chosen } = options;
  const limits = { ...chooseLimits(chosen), maxExpandedBytes: MAX_EXPANDED_BYTES };
  let names: readonly string[];
  try {
    names = (await kind.list(origin, { context, limits })).files.map((file) => file.path);
  } catch (error) {
    // Too much for a recipe.
    if (error instanceof ApplianceError && error.code === "LIB_LIMIT_EXCEEDED") return undefined;
    throw error;
  }
  const inner = recipeFolder(names);
  if (inner === undefined) return undefined;
  const spool = new Spool(temporaryFolder);
  try {
    await kind.open(origin, { context, limits, spool });
    const folder = path.join(await spool.folder(), inner);
    return { kind: kind.name, folder, [Symbol.asyncDispose]: () => spool.dispose() };
  } catch (error) {
    await spool.dispose();
    throw error;
  }
}
