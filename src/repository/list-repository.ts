import { ApplianceError } from "../errors.ts";
import { layout, openStore } from "../publish/index.ts";
import { type PackageSummary, readRepodata } from "../repodata/index.ts";
import { readConfig } from "./repository-config.ts";

/** Current content of a repository. */
export interface RepositoryList {
  readonly name: string;
  readonly baseUrl: string;
  /** Fingerprint of the key that signs metadata. */
  readonly key: string | undefined;
  readonly generation: string;
  readonly revision: string;
  /** By file name. */
  readonly packages: readonly PackageSummary[];
}

/**
 * Returns the content of a repository. Needs no lock, because the current generation remains readable.
 *
 * @throws ApplianceError `REPO_MISSING`, `REPO_DAMAGED`, `REPODATA_DAMAGED`
 */
export async function listRepository(folder: string): Promise<RepositoryList> {
  const store = openStore(folder);
  const { name, baseUrl, key } = await readConfig(store);
  const pointer = await store.read(layout.POINTER);
  const generation = layout.parsePointer(pointer?.toString("utf8") ?? "");
  const prefix = `${layout.GENERATIONS}/${generation ?? ""}/`;
  const repomd =
    generation === undefined ? undefined : await store.read(`${prefix}${layout.REPOMD}`);
  if (generation === undefined || repomd === undefined) {
    throw new ApplianceError("REPO_DAMAGED", `${folder}: no current generation`, {
      hint: "see what is wrong with virt-appliance repo check",
    });
  }
  const { revision, packages } = await readRepodata(
    repomd,
    { read: (one, options) => store.read(`${prefix}${one}`, options) },
    { origin: `${prefix}${layout.REPOMD}` },
  );
  return { name, baseUrl, key: key?.fingerprint, generation, revision, packages };
}
