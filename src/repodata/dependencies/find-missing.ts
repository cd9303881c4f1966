import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import { findPlainFile } from "../../lib/plain-file.ts";
import type { RpmPackage } from "../../rpm/index.ts";
import type { DependencyRecord, PackageRecord } from "../package-record.ts";
import { recordFromRpm } from "../record-from-rpm.ts";
import { MAX_REPOMD_BYTES, parseRepomd } from "../repomd.ts";
import type { RepodataSource } from "../open-metadata.ts";
import { conditionOf, namesIn, rangeOf } from "./condition.ts";
import { canHold, openProvidedNames, type ProvidedNames } from "./provided.ts";
import { readProvided } from "./read-provided.ts";

/** Dependencies of a package that nothing provides, as rpm prints them. */
export interface MissingDependencies {
  readonly requires: readonly string[];
  readonly recommends: readonly string[];
}

const REPOMD = "repodata/repomd.xml";
/** Limit for a file whose size is not the expected one, so that the error names both sizes. */
const MIN_LIMIT_BYTES = 16 * 1024 * 1024;

const signs = { LT: "<", LE: "<=", EQ: "=", GE: ">=", GT: ">" } as const;

function renderDependency({ name, flags, epoch, version, release }: DependencyRecord): string {
  if (flags === undefined || version === undefined) return name;
  const before = epoch === undefined || epoch === "0" ? "" : `${epoch}:`;
  return `${name} ${signs[flags]} ${before}${version}${release === undefined ? "" : `-${release}`}`;
}

/** Adds the names that a package provides, and the paths of all its files. */
function addPackage(record: PackageRecord, owner: number, into: ProvidedNames): void {
  const { arch, dependencies, files } = record;
  const { provides = [] } = dependencies;
  for (const one of provides) into.add(one.name, { owner, arch, range: rangeOf(one) });
  for (const file of files) into.add(file.path, { owner, arch, range: undefined });
}

async function readRepomd(folder: string): Promise<Buffer> {
  const repomd = await findPlainFile(path.join(folder, REPOMD), { maxBytes: MAX_REPOMD_BYTES });
  if (repomd !== undefined) return repomd;
  throw new ApplianceError(
    "REPO_MISSING",
    `${folder}: no ${REPOMD}, expected the folder of a repository, not a URL`,
    { hint: "name the folder that a client's baseurl leads to; createrepo_c makes one" },
  );
}

/**
 * Refuses folders that {@link findMissing} could not read, before a long build.
 *
 * @throws ApplianceError `REPO_MISSING`, `REPODATA_DAMAGED`, `LIB_IO`
 */
export async function checkRepositories(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const repomd = await readRepomd(folder);
    parseRepomd(repomd, path.join(folder, REPOMD));
  }
}

async function readRepositories(
  folders: readonly string[],
  options: { readonly into: ProvidedNames; readonly firstOwner: number },
  context: Pick<Context, "run">,
): Promise<void> {
  let { firstOwner } = options;
  for (const folder of folders) {
    const repomd = await readRepomd(folder);
    const source: RepodataSource = {
      read: (name, { expectedBytes }) =>
        findPlainFile(path.join(folder, name), {
          maxBytes: Math.max(expectedBytes, MIN_LIMIT_BYTES),
        }),
    };
    const origin = path.join(folder, REPOMD);
    firstOwner += await readProvided(repomd, source, { ...options, firstOwner, origin, context });
  }
}

/**
 * Returns, for each package, what it requires and recommends that none of the packages and repositories provides.
 * Whether the providers themselves can be installed is not examined. What cannot be decided is not reported: paths that
 * primary metadata does not list, and features of rpm.
 *
 * @param folders  repositories: folders with `repodata/`
 * @throws ApplianceError `REPO_MISSING`, `REPODATA_DAMAGED`, `REPODATA_TOO_LARGE`, `LIB_IO`, `LIB_EXEC_MISSING`
 */
export async function findMissing(
  packages: readonly RpmPackage[],
  folders: readonly string[],
  context: Pick<Context, "run">,
): Promise<readonly MissingDependencies[]> {
  const records = packages.map((rpm) => recordFromRpm(rpm, { sha256: "", location: "" }));
  const wanted = records.flatMap(({ dependencies: { requires = [], recommends = [] } }) =>
    [...requires, ...recommends].flatMap((one) => namesIn(conditionOf(one))),
  );
  const names = openProvidedNames(new Set(wanted));
  for (const [owner, record] of records.entries()) addPackage(record, owner, names);
  await readRepositories(folders, { into: names, firstOwner: records.length }, context);
  return records.map(({ arch, dependencies }, owner) => {
    const { requires = [], recommends = [] } = dependencies;
    const missing = (all: readonly DependencyRecord[]): readonly string[] => [
      ...new Set(
        all
          .filter((one) => !canHold(conditionOf(one), names, { owner, arch }))
          .map(renderDependency),
      ),
    ];
    return {
      requires: missing(requires),
      recommends: missing(recommends),
    };
  });
}
