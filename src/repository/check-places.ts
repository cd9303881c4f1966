import path from "node:path";
import { layout, type Store, type StorePlace } from "../publish/index.ts";
import { CONFIG_PATH, keyFileOf, repoFileOf, type RepositoryConfig } from "./repository-config.ts";

function placesOf(config: RepositoryConfig, generation: string | undefined): readonly StorePlace[] {
  const folder = (one: string): StorePlace => ({ path: one, kind: "folder" });
  const file = (one: string): StorePlace => ({ path: one, kind: "file" });
  const current = generation === undefined ? undefined : path.join(layout.GENERATIONS, generation);
  return [
    folder(layout.PRIVATE_FOLDER),
    file(CONFIG_PATH),
    { ...file(layout.LOCK), oneName: true },
    folder(layout.STAGING),
    file(layout.POINTER),
    file(repoFileOf(config)),
    ...(config.key === undefined ? [] : [file(keyFileOf(config))]),
    folder(layout.PACKAGES),
    folder(layout.REPODATA),
    file(layout.REPOMD),
    file(layout.SIGNATURE),
    folder(layout.GENERATIONS),
    ...(current === undefined
      ? []
      : [
          folder(current),
          folder(path.join(current, layout.REPODATA)),
          file(path.join(current, layout.REPOMD)),
          file(path.join(current, layout.SIGNATURE)),
          // Early versions created a folder of links to packages for each generation.
          {
            ...folder(path.join(current, layout.PACKAGES)),
            shares: layout.PACKAGES,
          },
        ]),
  ];
}

/**
 * Checks the places of a repository's own files and folders for links, pipes and files of another kind: the next `repo
 * add` would refuse them, block, or write elsewhere. Does not follow them.
 *
 * @param generation  id of the current one; undefined if unknown
 * @returns one sentence each, with the path first; missing files are not reported
 */
export function checkPlaces(
  store: Store,
  config: RepositoryConfig,
  generation: string | undefined,
): Promise<readonly string[]> {
  return store.examine(placesOf(config, generation));
}
