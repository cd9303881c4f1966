import { ApplianceError } from "../errors.ts";
import { layout, type Store } from "../publish/index.ts";
import { parseRepomd, type Repodata } from "../repodata/index.ts";

/** The metadata of one generation, with its signature if any. */
export interface SignedRepodata extends Repodata {
  readonly signature: string | undefined;
}

/**
 * Returns the metadata of a generation as it is stored.
 *
 * @throws ApplianceError `REPO_DAMAGED` when a part is missing
 */
export async function readGenerationRepodata(store: Store, id: string): Promise<SignedRepodata> {
  const folder = `${layout.GENERATIONS}/${id}`;
  const need = async (path: string, expectedBytes = 0): Promise<Buffer> => {
    const content = await store.read(`${folder}/${path}`, { expectedBytes });
    if (content !== undefined) return content;
    throw new ApplianceError("REPO_DAMAGED", `${store.location}: ${folder}/${path} is missing`, {
      hint: "restore the repository from a backup",
    });
  };
  const repomd = await need(layout.REPOMD);
  const { files } = parseRepomd(repomd, `${store.location}/${folder}/${layout.REPOMD}`);
  const contents = await Promise.all(
    files.map(
      async ({ location, sizeBytes }) => [location, await need(location, sizeBytes)] as const,
    ),
  );
  const signature = await store.read(`${folder}/${layout.SIGNATURE}`);
  return { repomd, files: new Map(contents), signature: signature?.toString("utf8") };
}
