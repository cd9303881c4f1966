import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { findInstalledRecipe } from "../../site/index.ts";
import { findEntry, readCatalogue } from "../catalogue/catalogue.ts";
import type { HostPaths } from "../access/paths.ts";
import { findSource } from "../catalogue/find-source.ts";

/**
 * Returns the descriptor of the newest installed appliance or recipe with this name.
 *
 * @returns undefined if none is installed
 * @throws ApplianceError `HOST_CATALOGUE_BAD`
 */
export async function findDescriptor(
  paths: HostPaths,
  wanted: string,
): Promise<string | undefined> {
  try {
    const { kind } = await findSource(paths, wanted);
    const { directory } =
      kind === "recipe"
        ? await findInstalledRecipe(paths.catalogueDir, wanted)
        : findEntry(await readCatalogue(paths), wanted);
    return path.join(directory, "appliance.xml");
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "HOST_UNKNOWN_APPLIANCE")
      return undefined;
    throw error;
  }
}
