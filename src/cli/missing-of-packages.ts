import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { findMissing, type MissingDependencies } from "../repodata/index.ts";
import { readRpm, type RpmPackage } from "../rpm/index.ts";

/**
 * Returns what each package requires and recommends that neither the repositories nor the other packages provide, by
 * the package's path. A package that cannot be read is left out; the caller reports it.
 */
export async function missingOfPackages(
  paths: readonly string[],
  repositories: readonly string[],
  context: Context,
): Promise<ReadonlyMap<string, MissingDependencies>> {
  if (repositories.length === 0) return new Map();
  const packages: RpmPackage[] = [];
  for (const path of new Set(paths)) {
    try {
      packages.push(await readRpm(path));
    } catch (error) {
      if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    }
  }
  const missing = await findMissing(packages, repositories, context);
  return new Map(
    packages.flatMap(({ path }, index) => {
      const found = missing[index];
      return found === undefined ? [] : [[path, found]];
    }),
  );
}
