import { readdir } from "node:fs/promises";
import path from "node:path";
import { type Appliance, parseDescriptor } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import { fileError } from "../../lib/atomic.ts";
import { knownNames } from "../../lib/closest.ts";
import { compareEvr } from "../../lib/evr.ts";
import { isImageMode, packageAdvice, reinstallAdvice } from "../../lib/image-mode.ts";
import { findPlainText, readPlainText } from "../../lib/plain-file.ts";
import { type CatalogueEntry, parseCatalogueEntry } from "./catalogue-entry.ts";
import type { HostPaths } from "../access/paths.ts";

/** The installed appliances. */
export interface Catalogue {
  /** By name, newest first. */
  readonly entries: readonly CatalogueEntry[];
  /** Entries that cannot be read, one sentence each. */
  readonly problems: readonly string[];
  /** True if the host boots from an image, so that dnf cannot install missing packages. */
  readonly isImageMode: boolean;
}

/** Maximum size of an entry; the builder writes a few kilobytes. */
const MAX_ENTRY_BYTES = 1024 * 1024;

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function byNameNewestFirst(a: CatalogueEntry, b: CatalogueEntry): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return compareEvr(b, a);
}

/** Reads the catalogue; empty if it is missing. Recipes, which have no images, are left out. */
export async function readCatalogue(paths: HostPaths): Promise<Catalogue> {
  const names = await readdir(paths.catalogueDir).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw fileError(error, paths.catalogueDir);
  });
  const problems: string[] = [];
  const read = async (name: string): Promise<CatalogueEntry | undefined> => {
    const directory = path.join(paths.catalogueDir, name);
    const file = path.join(directory, "catalogue.json");
    try {
      const text = await findPlainText(file, { maxBytes: MAX_ENTRY_BYTES });
      // An incomplete installation, or a recipe, which has no images.
      return text === undefined ? undefined : parseCatalogueEntry(text, { directory, file });
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const entries = await Promise.all(names.filter((name) => !name.startsWith(".")).map(read));
  return {
    entries: entries.filter((entry) => entry !== undefined).sort(byNameNewestFirst),
    problems: problems.sort(),
    isImageMode: await isImageMode(paths.root),
  };
}

/** Every name of an entry. */
export function namesOf(entry: CatalogueEntry): readonly string[] {
  const { version, release } = entry;
  return [entry.name, entry.package].flatMap((name) => [
    name,
    `${name}-${version}`,
    `${name}-${version}-${release}`,
  ]);
}

/**
 * Returns the newest entry with this name: that of the appliance or the package, optionally with version, or version
 * and release.
 *
 * @throws ApplianceError `HOST_UNKNOWN_APPLIANCE`
 */
export function findEntry(catalogue: Catalogue, wanted: string): CatalogueEntry {
  const [newest] = catalogue.entries
    .filter((entry) => namesOf(entry).includes(wanted))
    .sort((a, b) => compareEvr(b, a));
  if (newest !== undefined) return newest;
  const name = wanted.endsWith("-appliance") ? wanted : `${wanted}-appliance`;
  const advice = packageAdvice("install", catalogue, name);
  const known = catalogue.entries.map((e) => `${e.name}-${e.version}-${e.release}`);
  throw new ApplianceError(
    "HOST_UNKNOWN_APPLIANCE",
    `${wanted}: no such appliance is installed, ${known.length === 0 ? "none are" : "expected one of the installed ones"}`,
    {
      details: [...knownNames(wanted, known), ...catalogue.problems],
      hint: catalogue.isImageMode ? advice : `${advice}, or virt-appliance install SOURCE`,
    },
  );
}

/**
 * Reads the descriptor of an entry.
 *
 * @throws ApplianceError `HOST_CATALOGUE_BAD` when it has errors
 */
export async function readAppliance(entry: CatalogueEntry): Promise<Appliance> {
  const file = path.join(entry.directory, "appliance.xml");
  const text = await readPlainText(file);
  const { appliance, problems } = parseDescriptor(text, file);
  if (appliance !== undefined) return appliance;
  throw new ApplianceError("HOST_CATALOGUE_BAD", `${file}: the descriptor has errors`, {
    details: problems.filter((p) => p.severity === "error").map((p) => p.message),
    hint: await reinstallAdvice(file),
  });
}
