import { chmod, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { renderDescriptor } from "../../appliance/index.ts";
import { fileError, makeFolder, openTemporaryFolder, writeAtomically } from "../../lib/atomic.ts";
import { writeCompressed } from "../../lib/bytes/compress-write.ts";
import type { Context } from "../../lib/context.ts";
import { readPlainFile } from "../../lib/plain-file.ts";
import { type TarMember, writeTar } from "../../lib/tar/write.ts";
import type { Recipe, RecipeFile, RecipeProblem } from "../../recipe/index.ts";
import { compressionOf, DEFAULT_DATE_SECONDS, type PackOptions } from "../pack-directory.ts";
import { archiveFolder, parentFolders } from "../pack-plan.ts";
import { openRecipe } from "./recipe-directory.ts";
import { refuseOccupied } from "../unpack-source.ts";

/** Name of the descriptor in written archives. */
const DESCRIPTOR = "appliance.xml";

/** Every file of a recipe except the descriptor, sorted. */
function filesOf(recipe: Recipe): readonly RecipeFile[] {
  const { kickstartFile, parametersFile, module, scripts, documentation } = recipe;
  return [
    kickstartFile,
    ...(parametersFile === undefined ? [] : [parametersFile]),
    ...module.files,
    ...scripts,
    ...documentation,
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Maximum size of a file in a packed recipe: the same as the total. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

function textMember(name: string, text: Buffer, isExecutable: boolean): TarMember {
  return {
    kind: "file",
    path: name,
    sizeBytes: text.length,
    segments: text.length === 0 ? [] : [{ offset: 0, length: text.length }],
    data: () => [text],
    isExecutable,
  };
}

/** Reads a file where it was when the recipe was checked. */
async function readRecipeFile(file: RecipeFile): Promise<Buffer> {
  return await readPlainFile(file.absolutePath, { maxBytes: MAX_FILE_BYTES, isResolved: true });
}

/**
 * Packs a recipe's folder into a tarball: `NAME-VERSION/` with the descriptor in its canonical form first, then the
 * recipe's files. The same input gives the same bytes.
 *
 * @param folder  of the recipe
 * @returns warnings, files that were left out among them
 * @throws ApplianceError as {@link openRecipe}, `SOURCE_UNKNOWN_SUFFIX`
 */
export async function packRecipe(
  folder: string,
  output: string,
  options: PackOptions & { readonly context: Context },
): Promise<readonly RecipeProblem[]> {
  const { context } = options;
  const compression = compressionOf(output);
  const { recipe, problems } = await openRecipe(folder, context);
  const { appliance } = recipe;
  const files = filesOf(recipe);
  const top = archiveFolder(appliance);
  const members: TarMember[] = [
    { kind: "directory", path: top },
    textMember(`${top}/${DESCRIPTOR}`, Buffer.from(renderDescriptor(appliance)), false),
    ...parentFolders(files.map((file) => file.path)).map((name): TarMember => ({
      kind: "directory",
      path: `${top}/${name}`,
    })),
  ];
  for (const file of files) {
    const text = await readRecipeFile(file);
    members.push(textMember(`${top}/${file.path}`, text, file.isExecutable));
  }
  const mtimeSeconds = options.dateSeconds ?? appliance.dateSeconds ?? DEFAULT_DATE_SECONDS;
  await writeAtomically(output, async (handle, temporary) => {
    await writeCompressed(writeTar(members, { mtimeSeconds }), handle, { compression, context });
    await options.beforeReplacing?.(temporary);
  });
  return problems;
}

/**
 * Unpacks a recipe into a folder, which appears complete or not at all.
 *
 * @param folder  folder of the recipe
 * @param target  must not exist, or be an empty folder
 * @param options.name  name of the recipe in messages
 * @returns warnings, files that were left out among them
 * @throws ApplianceError `SOURCE_NOT_EMPTY`; as {@link openRecipe}
 */
export async function unpackRecipe(
  folder: string,
  target: string,
  options: { readonly name: string; readonly context: Context },
): Promise<readonly RecipeProblem[]> {
  await refuseOccupied(target);
  const { context, name } = options;
  const { recipe, descriptorText, problems } = await openRecipe(folder, context, { name });
  await using copy = await openTemporaryFolder(path.join(target, ".."));
  await writeFile(path.join(copy.path, DESCRIPTOR), descriptorText, { flag: "wx" });
  for (const file of filesOf(recipe)) {
    const to = path.join(copy.path, file.path);
    await makeFolder(path.dirname(to));
    const content = await readRecipeFile(file);
    try {
      await writeFile(to, content, { flag: "wx" });
      await chmod(to, (file.isExecutable ? 0o777 : 0o666) & ~process.umask());
    } catch (error) {
      throw fileError(error, to);
    }
  }
  try {
    // The mode follows the umask, but the temporary folder has mode 0700.
    await chmod(copy.path, 0o777 & ~process.umask());
    await rename(copy.path, path.resolve(target));
  } catch (error) {
    throw fileError(error, target);
  }
  return problems;
}
