import { lstat, readlink } from "node:fs/promises";
import type { Stats } from "node:fs";
import path from "node:path";
import { errnoOf, fileError } from "../lib/atomic.ts";
import { layout } from "../publish/index.ts";
import { CONFIG_PATH, keyFileOf, repoFileOf } from "./repository-config.ts";
import type { RepositoryConfig } from "./repository-config.ts";
import { LOCK_PATH } from "./repository-lock.ts";

type Kind = "file" | "folder";

interface Place {
  /** Below the repository's root. */
  readonly path: string;
  readonly kind: Kind;
  /** What else is right there: the text of a symbolic link. */
  readonly link?: string;
  /** True for a file that is written in place: under a second name it would be somebody else's. */
  readonly oneName?: true;
}

function placesOf(config: RepositoryConfig, generation: string | undefined): readonly Place[] {
  const folder = (one: string): Place => ({ path: one, kind: "folder" });
  const file = (one: string): Place => ({ path: one, kind: "file" });
  const current = generation === undefined ? undefined : path.join(layout.GENERATIONS, generation);
  return [
    folder(layout.PRIVATE_FOLDER),
    file(CONFIG_PATH),
    { ...file(LOCK_PATH), oneName: true },
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
          // Versions before 0.2 made a folder of links to packages for each generation.
          {
            ...folder(path.join(current, layout.PACKAGES)),
            link: path.join("..", "..", layout.PACKAGES),
          },
        ]),
  ];
}

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return "a symbolic link";
  if (stats.isFIFO()) return "a named pipe (FIFO)";
  if (stats.isSocket()) return "a socket";
  if (stats.isDirectory()) return "a folder";
  return stats.isFile() ? "a file" : "a device";
}

/** Returns the sentence about something else in a place; undefined also where nothing is. */
async function faultAt(root: string, place: Place): Promise<string | undefined> {
  const absolute = path.join(root, place.path);
  try {
    const stats = await lstat(absolute);
    if (place.kind === "file" && stats.isFile()) {
      return place.oneName !== true || stats.nlink === 1
        ? undefined
        : `${place.path}: has ${stats.nlink} names (hard links), expected one`;
    }
    if (place.kind === "folder" && stats.isDirectory()) return undefined;
    const found = stats.isSymbolicLink() ? await readlink(absolute) : undefined;
    if (place.link !== undefined && found === place.link) return undefined;
    const to = found === undefined ? "" : ` to ${found}`;
    return `${place.path}: ${kindOf(stats)}${to}, expected a ${place.kind}`;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw fileError(error, absolute);
  }
}

/**
 * Looks for links, pipes and files of another kind in the places of a repository's own files and folders: the next
 * `repo add` would refuse them, or wait, or write somewhere else. What lies behind one is not looked at.
 *
 * @param generation  id of the current one; undefined when it is not known
 * @returns one sentence each, with the path first; nothing about what is missing
 */
export async function checkPlaces(
  root: string,
  config: RepositoryConfig,
  generation: string | undefined,
): Promise<readonly string[]> {
  const wrong: { readonly path: string; readonly fault: string }[] = [];
  for (const place of placesOf(config, generation)) {
    if (wrong.some((one) => place.path.startsWith(`${one.path}${path.sep}`))) continue;
    const fault = await faultAt(root, place);
    if (fault !== undefined) wrong.push({ path: place.path, fault });
  }
  return wrong.map(({ fault }) => fault);
}
