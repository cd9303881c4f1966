import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/digest.ts";
import { parseAddedRecord, parseGenerationRecord } from "./generation-record.ts";
import type { GivenUp } from "./generation-record.ts";
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

/** What `generation.json` says, and what lies in the folder. */
export interface Generation {
  readonly id: string;
  readonly number: number;
  /** When it became current; undefined when it was never finished, or is half removed. */
  readonly createdSeconds: number | undefined;
  /** File names in its repodata/. */
  readonly repodata: readonly string[];
  /**
   * File names in its packages/, where that is a folder of its own, as versions before 0.2 made it; undefined where it
   * is the one that all generations share.
   */
  readonly packages: readonly string[] | undefined;
  /**
   * Paths below it of files that belong to generations before it: a client that has older metadata asks for what it
   * names below the generation that the pointer names now.
   */
  readonly retained: Readonly<Record<string, GivenUp>>;
  /** Paths of packages that nobody has asked for since before it: they are removed once it is current. */
  readonly dropped: readonly string[];
  /** Paths of packages that come with it. */
  readonly added: readonly string[];
}

/** A repository as it is found, names and digests only: all that a plan depends on. */
export interface PublishState {
  /** Id of the generation that clients are told to read; undefined in a new repository. */
  readonly current: string | undefined;
  readonly pointer: string | undefined;
  /** By number. */
  readonly generations: readonly Generation[];
  /** File names in packages/; undefined where the records of generations tell all that matters. */
  readonly packages: readonly string[] | undefined;
  /** File names in repodata/. */
  readonly repodata: readonly string[];
  /** SHA-256 of the files that are switched, by path: those asked for, repodata/repomd.xml and its signature. */
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
 * Returns what a repository is like.
 *
 * @param rootFiles  paths of files at the root, of which the digests are wanted
 * @throws ApplianceError `REPO_DAMAGED` when the pointer is gone or names nothing although there are generations
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
  // Of a first publish that was interrupted generation 1 is left.
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
    // Without a current generation what lies there is left of a publish that never ended.
    packages:
      current === undefined || latest?.packages !== undefined
        ? await store.list(PACKAGES)
        : undefined,
    repodata: await store.list(REPODATA),
    digests,
  };
}
