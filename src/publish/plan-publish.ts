import { digestOf } from "../lib/digest.ts";
import {
  GENERATION_RECORD,
  GENERATIONS,
  PACKAGES,
  POINTER,
  renderPointer,
  REPODATA,
  REPOMD,
  SIGNATURE,
  STAGING,
} from "./layout.ts";
import type { Generation, PublishState } from "./publish-state.ts";

/** What a repository shall be like. */
export interface PublishWish {
  /** Without a final slash. */
  readonly baseUrl: string;
  /** repomd.xml, its signature, and what it names, by path below a generation: `repodata/...`. */
  readonly repodata: ReadonlyMap<string, Uint8Array>;
  /** Paths of all packages below a generation: `packages/...`. */
  readonly packages: readonly string[];
  /** Packages that are new, and where their content is staged. */
  readonly staged: ReadonlyMap<string, string>;
  /** Files at the root: the .repo file, the key. */
  readonly rootFiles: ReadonlyMap<string, Uint8Array>;
  readonly created: Date;
  readonly retention: Retention;
}

/** How long what nobody is told to read any more stays readable. */
export interface Retention {
  readonly graceSeconds: number;
  /** Newest generations that stay whatever their age, the current one included. */
  readonly generations: number;
}

/** One change; see the methods of the store that are called the same. */
export type PublishStep =
  | { readonly kind: "put" | "switch"; readonly path: string; readonly content: Uint8Array }
  | { readonly kind: "link"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "flush" };

/** What is to be done, in this order. Up to the switch of the pointer clients see the old repository, then the new. */
export interface PublishPlan {
  /** Id of the generation that is current afterwards. */
  readonly generation: string;
  /** Whether clients see another generation than before. */
  readonly changed: boolean;
  readonly steps: readonly PublishStep[];
}

const FLUSH: PublishStep = { kind: "flush" };

function requiredContent(wish: PublishWish, path: string): Uint8Array {
  const content = wish.repodata.get(path);
  if (content === undefined) throw new TypeError(`${path} is not part of the wish`);
  return content;
}

function nextId(current: Generation | undefined, wish: PublishWish): string {
  const repomd = digestOf(requiredContent(wish, REPOMD)).slice(0, 16);
  if (current?.id.endsWith(`-${repomd}`) === true) return current.id;
  return `${(current?.number ?? 0) + 1}-${repomd}`;
}

/** Most files of older metadata that a generation retains: those of the last 16 generations. */
const MAX_RETAINED_METADATA = 3 * 16;

/**
 * Answers what the new generation retains of those before it, with the time since when it is given up. dnf reads the
 * pointer anew each time that it downloads packages, even if its metadata is from an older generation.
 */
function retainedFiles(previous: Generation | undefined, wish: PublishWish): Map<string, number> {
  if (previous === undefined) return new Map();
  const nowSeconds = Math.floor(wish.created.getTime() / 1000);
  const own = new Set([...wish.packages, ...wish.repodata.keys(), REPOMD, SIGNATURE]);
  const given = [
    ...previous.packages.map((name) => `${PACKAGES}/${name}`),
    ...previous.repodata.map((name) => `${REPODATA}/${name}`),
  ]
    .filter((path) => !own.has(path))
    .map((path) => [path, previous.retained[path] ?? nowSeconds] as const)
    .filter(([, since]) => since + wish.retention.graceSeconds > nowSeconds);
  const isMetadata = ([path]: readonly [string, number]): boolean => path.startsWith(REPODATA);
  const metadata = given.filter(isMetadata).sort((a, b) => b[1] - a[1]);
  return new Map([
    ...given.filter((one) => !isMetadata(one)),
    ...metadata.slice(0, MAX_RETAINED_METADATA),
  ]);
}

/** Everything of the new generation. Nobody is told of it yet, so the order within does not matter. */
function planGeneration(
  id: string,
  previous: Generation | undefined,
  wish: PublishWish,
): PublishStep[] {
  const folder = `${GENERATIONS}/${id}`;
  const retained = retainedFiles(previous, wish);
  const record = {
    schema: 1,
    created: wish.created.toISOString(),
    previous: previous?.id ?? null,
    packages: wish.packages.length,
    retained: Object.fromEntries(
      [...retained].map(([path, since]) => [path, new Date(since * 1000).toISOString()]),
    ),
  };
  const link = (from: string, path: string): PublishStep => ({
    kind: "link",
    from,
    to: `${folder}/${path}`,
  });
  return [
    ...[...wish.staged].map(([to, from]): PublishStep => ({ kind: "link", from, to })),
    FLUSH,
    ...[...wish.repodata].map(([path, content]): PublishStep => ({
      kind: "put",
      path: `${folder}/${path}`,
      content,
    })),
    ...wish.packages.map((path) => link(path, path)),
    ...[...retained.keys()].map((path) =>
      link(`${GENERATIONS}/${previous?.id ?? ""}/${path}`, path),
    ),
    FLUSH,
    {
      kind: "put",
      path: `${folder}/${GENERATION_RECORD}`,
      content: Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`),
    },
  ];
}

/** Metadata for clients that use baseurl=: files that never change come before the pointer, repomd.xml after it. */
function planViewFiles(id: string, state: PublishState, wish: PublishWish): PublishStep[] {
  return [...wish.repodata.keys()]
    .filter((path) => path !== REPOMD && path !== SIGNATURE)
    .filter((path) => !state.repodata.includes(path.slice(REPODATA.length + 1)))
    .map((path) => ({ kind: "link", from: `${GENERATIONS}/${id}/${path}`, to: path }));
}

function differs(state: PublishState, path: string, content: Uint8Array): boolean {
  return state.digests[path] !== digestOf(content);
}

/**
 * The pair of repomd.xml and signature cannot be switched at once. A client reads repomd.xml first: if that is
 * switched first too, with the signature right behind, the moment in which it can read two that do not match is shortest.
 * In a new repository the signature comes first, since nobody asks for it before there is a repomd.xml.
 */
function planViewSwitch(state: PublishState, wish: PublishWish): PublishStep[] {
  const order = state.digests[REPOMD] === undefined ? [SIGNATURE, REPOMD] : [REPOMD, SIGNATURE];
  return order.flatMap((path): PublishStep[] => {
    const content = wish.repodata.get(path);
    if (content === undefined) {
      return state.digests[path] === undefined ? [] : [{ kind: "remove", path }];
    }
    return differs(state, path, content) ? [{ kind: "switch", path, content }] : [];
  });
}

/** Generations that are neither current, nor among the newest, nor were current within the grace time. */
function expiredGenerations(
  state: PublishState,
  wish: PublishWish,
  changed: boolean,
): readonly Generation[] {
  const nowSeconds = wish.created.getTime() / 1000;
  const finished = state.generations.filter((one) => one.createdSeconds !== undefined);
  // A new generation is not in the list of those that there were.
  const keepNewest = Math.max(1, wish.retention.generations - (changed ? 1 : 0));
  return finished.slice(0, Math.max(0, finished.length - keepNewest)).filter((one, i) => {
    const replacedSeconds = finished[i + 1]?.createdSeconds ?? nowSeconds;
    return one.id !== state.current && replacedSeconds + wish.retention.graceSeconds <= nowSeconds;
  });
}

/** Half-made and half-removed generations. One beyond the current was being made when its maker was stopped. */
function brokenGenerations(state: PublishState): readonly Generation[] {
  const current = state.generations.find((one) => one.id === state.current);
  return state.generations.filter(
    (one) =>
      one.id !== state.current &&
      (one.createdSeconds === undefined || one.number >= (current?.number ?? 0)),
  );
}

/** The record goes first, so that what is left of an interrupted removal is known for what it is. */
function planRemoval({ id }: Generation): PublishStep[] {
  const folder = `${GENERATIONS}/${id}`;
  return [
    { kind: "remove", path: `${folder}/${GENERATION_RECORD}` },
    { kind: "remove", path: folder },
  ];
}

/** Packages that no finished generation has: an interrupted publish brought them, nobody was ever told of them. */
function planOrphans(state: PublishState, broken: readonly Generation[]): PublishStep[] {
  const finished = state.generations.filter((one) => !broken.includes(one));
  const known = new Set(finished.flatMap((one) => one.packages));
  return state.packages
    .filter((name) => !known.has(name))
    .map((name) => ({ kind: "remove", path: `${PACKAGES}/${name}` }));
}

function planCleaning(
  state: PublishState,
  wish: PublishWish,
  gone: readonly Generation[],
): PublishStep[] {
  const kept = state.generations.filter((one) => !gone.includes(one));
  const packages = new Set(kept.flatMap((one) => one.packages));
  for (const path of wish.packages) packages.add(path.slice(PACKAGES.length + 1));
  const repodata = new Set(kept.flatMap((one) => one.repodata));
  for (const path of [...wish.repodata.keys(), REPOMD, SIGNATURE]) {
    repodata.add(path.slice(REPODATA.length + 1));
  }
  const remove = (path: string): PublishStep => ({ kind: "remove", path });
  return [
    ...state.packages
      .filter((name) => !packages.has(name))
      .map((name) => remove(`${PACKAGES}/${name}`)),
    ...state.repodata
      .filter((name) => !repodata.has(name))
      .map((name) => remove(`${REPODATA}/${name}`)),
    remove(STAGING),
  ];
}

/**
 * Answers the steps that turn a repository into what it shall be like. Pure. What a publish that was interrupted left
 * behind is finished or removed, also when nothing else is to be done.
 */
export function planPublish(state: PublishState, wish: PublishWish): PublishPlan {
  const current = state.generations.find((one) => one.id === state.current);
  const id = nextId(current, wish);
  const changed = id !== state.current;
  const broken = brokenGenerations(state);
  const expired = expiredGenerations(state, wish, changed).filter((one) => !broken.includes(one));
  const pointer = Buffer.from(renderPointer(wish.baseUrl, id));
  const rootFiles = [...wish.rootFiles].filter(([path, content]) => differs(state, path, content));
  const steps: PublishStep[] = [
    ...broken.flatMap(planRemoval),
    ...planOrphans(state, broken),
    ...(changed ? planGeneration(id, current, wish) : []),
    ...planViewFiles(id, state, wish),
    ...rootFiles.map(([path, content]): PublishStep => ({ kind: "switch", path, content })),
    FLUSH,
    ...(state.pointer === pointer.toString("utf8")
      ? []
      : [{ kind: "switch", path: POINTER, content: pointer } satisfies PublishStep]),
    ...planViewSwitch(state, wish),
    FLUSH,
    ...expired.flatMap(planRemoval),
    ...planCleaning(state, wish, [...broken, ...expired]),
  ];
  return { generation: id, changed, steps };
}
