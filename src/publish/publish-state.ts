import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/digest.ts";
import {
  GENERATION_RECORD,
  GENERATIONS,
  PACKAGES,
  parseGenerationId,
  parsePointer,
  POINTER,
  REPODATA,
  REPOMD,
  SIGNATURE,
  STAGING,
} from "./layout.ts";
import type { Store } from "./store.ts";

/** What `generation.json` says, and what lies in the folder. */
export interface Generation {
  readonly id: string;
  readonly number: number;
  /** When it became current; undefined when it was never finished, or is half removed. */
  readonly createdSeconds: number | undefined;
  /** File names in its repodata/ and packages/. */
  readonly repodata: readonly string[];
  readonly packages: readonly string[];
  /**
   * Paths below it of files that belong to generations before it, with the Unix time at which they were given up: a client
   * that has older metadata asks for what it names below the generation that the pointer names now.
   */
  readonly retained: Readonly<Record<string, number>>;
}

/** A repository as it is found, names and digests only: all that a plan depends on. */
export interface PublishState {
  /** Id of the generation that clients are told to read; undefined in a new repository. */
  readonly current: string | undefined;
  readonly pointer: string | undefined;
  /** By number. */
  readonly generations: readonly Generation[];
  /** File names in packages/, in repodata/, and in the staging folder. */
  readonly packages: readonly string[];
  readonly repodata: readonly string[];
  readonly staged: readonly string[];
  /** SHA-256 of the files that are switched, by path: those asked for, repodata/repomd.xml and its signature. */
  readonly digests: Readonly<Record<string, string>>;
}

function secondsOf(value: unknown): number | undefined {
  const milliseconds = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

function parseRecord(text: string | undefined): Pick<Generation, "createdSeconds" | "retained"> {
  const unfinished = { createdSeconds: undefined, retained: {} };
  if (text === undefined) return unfinished;
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record !== "object" || record === null || !("created" in record)) return unfinished;
    const retained: Record<string, number> = {};
    const given = "retained" in record ? record.retained : {};
    for (const [path, since] of Object.entries({ ...(typeof given === "object" ? given : {}) })) {
      retained[path] = secondsOf(since) ?? 0;
    }
    return { createdSeconds: secondsOf(record.created), retained };
  } catch {
    return unfinished;
  }
}

async function readGeneration(store: Store, id: string, number: number): Promise<Generation> {
  const folder = `${GENERATIONS}/${id}`;
  const [record, repodata, packages] = await Promise.all([
    store.read(`${folder}/${GENERATION_RECORD}`),
    store.list(`${folder}/${REPODATA}`),
    store.list(`${folder}/${PACKAGES}`),
  ]);
  return { id, number, repodata, packages, ...parseRecord(record?.toString("utf8")) };
}

function damaged(store: Store, fact: string): ApplianceError {
  return new ApplianceError("REPO_DAMAGED", `${store.location}: ${fact}`, {
    hint: "restore the mirrorlist from a backup, or write the address of the right generation into it",
  });
}

/**
 * Answers what a repository is like.
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
    throw damaged(store, `${POINTER} names generation ${current}, which is not there`);
  }
  // Of a first publish that was interrupted generation 1 is left.
  if (current === undefined && generations.some((one) => one.number > 1)) {
    throw damaged(store, `there are generations, but no ${POINTER}`);
  }
  const digests: Record<string, string> = {};
  for (const path of [...rootFiles, REPOMD, SIGNATURE]) {
    const content = await store.read(path);
    if (content !== undefined) digests[path] = digestOf(content);
  }
  return {
    current,
    pointer,
    generations,
    packages: await store.list(PACKAGES),
    repodata: await store.list(REPODATA),
    staged: await store.list(STAGING),
    digests,
  };
}
