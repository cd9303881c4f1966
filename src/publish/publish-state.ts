import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/bytes/digest.ts";
import {
  type RetainedSince,
  parseAddedRecord,
  parseGenerationRecord,
} from "./generation-record.ts";
import {
  ADDED_RECORD,
  GENERATION_RECORD,
  GENERATIONS,
  PACKAGES,
  parseGenerationId,
  parsePointer,
  POINTER,
  REPODATA,
  REPOMD,
  SIGNATURE,
} from "./layout.ts";
import type { Store } from "./store.ts";

/** Content of `generation.json`, and of the folder. */
export interface Generation {
  readonly id: string;
  readonly number: number;
  /** When it became current; undefined if it was never completed, or is partly removed. */
  readonly createdSeconds: number | undefined;
  /** File names in its repodata/. */
  readonly repodata: readonly string[];
  /**
   * File names in its own packages/ folder, as created by early versions; undefined if it is the folder that all
   * generations share.
   */
  readonly packages: readonly string[] | undefined;
  /**
   * Paths below it of files of earlier generations: a client with older metadata requests its files below the
   * generation that the pointer names now.
   */
  readonly retained: Readonly<Record<string, RetainedSince>>;
  /** Paths of packages that earlier generations dropped: they are removed when this one is current. */
  readonly dropped: readonly string[];
  /** Paths of packages that it adds. */
  readonly added: readonly string[];
}

/** The state of a repository, only names and digests: the input of a plan. */
export interface PublishState {
  /** Id of the current generation; undefined in a new repository. */
  readonly current: string | undefined;
  readonly pointer: string | undefined;
  /** By number. */
  readonly generations: readonly Generation[];
  /** File names in packages/; undefined if the records of generations are sufficient. */
  readonly packages: readonly string[] | undefined;
  /** File names in repodata/. */
  readonly repodata: readonly string[];
  /** SHA-256 of the files that are switched, by path: the requested ones, repodata/repomd.xml and its signature. */
  readonly digests: Readonly<Record<string, string>>;
}

async function readGeneration(store: Store, id: string, number: number): Promise<Generation> {
  const folder = `${GENERATIONS}/${id}`;
  const [text, addedText, repodata] = await Promise.all([
    store.read(`${folder}/${GENERATION_RECORD}`),
    store.read(`${folder}/${ADDED_RECORD}`),
    store.list(`${folder}/${REPODATA}`),
  ]);
  const record = parseGenerationRecord(text?.toString("utf8"), number);
  const isOld = record?.schema === 1 || (record === undefined && addedText === undefined);
  return {
    id,
    number,
    repodata,
    packages: isOld ? await store.list(`${folder}/${PACKAGES}`) : undefined,
    createdSeconds: record?.createdSeconds,
    retained: record?.retained ?? {},
    dropped: record?.dropped ?? [],
    added: parseAddedRecord(addedText?.toString("utf8")),
  };
}

function damaged(store: Store, fact: string): ApplianceError {
  return new ApplianceError("REPO_DAMAGED", `${store.location}: ${fact}`, {
    hint: "restore the mirrorlist from a backup, or write the address of the current generation into it",
  });
}

/**
 * Returns the state of a repository.
 *
 * @param rootFiles  paths of files at the root whose digests are returned
 * @throws ApplianceError `REPO_DAMAGED` if the pointer is missing or invalid although generations exist
 */
export async function readPublishState(
  store: Store,
  rootFiles: readonly string[],
): Promise<PublishState> {
  const pointer = (await store.read(POINTER))?.toString("utf8");
  const current = pointer === undefined ? undefined : parsePointer(pointer);
  if (pointer !== undefined && current === undefined) {
    throw damaged(store, `${POINTER} names no generation of this repository`);
  }
  const generations: Generation[] = [];
  for (const id of await store.list(GENERATIONS)) {
    const parsed = parseGenerationId(id);
    if (parsed !== undefined) generations.push(await readGeneration(store, id, parsed.number));
  }
  generations.sort((a, b) => a.number - b.number);
  if (current !== undefined && !generations.some((one) => one.id === current)) {
    throw damaged(store, `${POINTER} names generation ${current}, which does not exist`);
  }
  // An interrupted first publish leaves generation 1.
  if (current === undefined && generations.some((one) => one.number > 1)) {
    throw damaged(store, `generations exist, but ${POINTER} is missing`);
  }
  const latest = generations.find((one) => one.id === current);
  const digests: Record<string, string> = {};
  for (const path of [...rootFiles, REPOMD, SIGNATURE]) {
    const content = await store.read(path);
    if (content !== undefined) digests[path] = digestOf(content);
  }
  return {
    current,
    pointer,
    generations,
    // Without a current generation, these files are leftovers of an interrupted publish.
    packages:
      current === undefined || latest?.packages !== undefined
        ? await store.list(PACKAGES)
        : undefined,
    repodata: await store.list(REPODATA),
    digests,
  };
}
