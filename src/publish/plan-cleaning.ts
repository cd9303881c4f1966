import {
  GENERATION_RECORD,
  GENERATIONS,
  PACKAGES,
  REPODATA,
  REPOMD,
  SIGNATURE,
  STAGING,
} from "./layout.ts";
import type { PublishStep, PublishWish } from "./publish-plan.ts";
import type { Generation, PublishState } from "./publish-state.ts";

/** The record goes first, so that what is left of an interrupted removal is known for what it is. */
function planRemoval({ id }: Generation): PublishStep[] {
  const folder = `${GENERATIONS}/${id}`;
  return [
    { kind: "remove", path: `${folder}/${GENERATION_RECORD}` },
    { kind: "remove", path: folder },
  ];
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

/**
 * Answers the steps that take away what is too old, once clients have been told of the new repository.
 *
 * @param options.changed  whether there is a new generation, which the state does not have yet
 */
export function planExpiry(
  state: PublishState,
  wish: PublishWish,
  options: { readonly changed: boolean },
): PublishStep[] {
  const gone = expiredGenerations(state, wish, options.changed);
  const kept = state.generations.filter((one) => !gone.includes(one));
  const packages = new Set(kept.flatMap((one) => one.packages));
  for (const path of wish.packages) packages.add(path.slice(PACKAGES.length + 1));
  const repodata = new Set(kept.flatMap((one) => one.repodata));
  for (const path of [...wish.repodata.keys(), REPOMD, SIGNATURE]) {
    repodata.add(path.slice(REPODATA.length + 1));
  }
  const remove = (path: string): PublishStep => ({ kind: "remove", path });
  return [
    ...gone.flatMap(planRemoval),
    ...state.packages
      .filter((name) => !packages.has(name))
      .map((name) => remove(`${PACKAGES}/${name}`)),
    ...state.repodata
      .filter((name) => !repodata.has(name))
      .map((name) => remove(`${REPODATA}/${name}`)),
    remove(STAGING),
  ];
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

/** Answers the repository without what nobody was ever told of, and the steps that take it away. */
export function planTidying(state: PublishState): {
  readonly tidy: PublishState;
  readonly steps: readonly PublishStep[];
} {
  const broken = brokenGenerations(state);
  const generations = state.generations.filter((one) => !broken.includes(one));
  const packages = new Set(generations.flatMap((one) => one.packages));
  const repodata = new Set(generations.flatMap((one) => one.repodata));
  for (const path of [REPOMD, SIGNATURE]) repodata.add(path.slice(REPODATA.length + 1));
  const remove = (path: string): PublishStep => ({ kind: "remove", path });
  const isKnown = (known: ReadonlySet<string>) => (name: string) => known.has(name);
  const isUnknown = (known: ReadonlySet<string>) => (name: string) => !known.has(name);
  return {
    tidy: {
      ...state,
      generations,
      packages: state.packages.filter(isKnown(packages)),
      repodata: state.repodata.filter(isKnown(repodata)),
    },
    steps: [
      ...broken.flatMap(planRemoval),
      ...state.packages.filter(isUnknown(packages)).map((name) => remove(`${PACKAGES}/${name}`)),
      ...state.repodata.filter(isUnknown(repodata)).map((name) => remove(`${REPODATA}/${name}`)),
    ],
  };
}

/**
 * Answers the steps that take away what nobody was ever told of: generations, packages and metadata that a publish did
 * not get to announce, and staged files. Pure.
 */
export function planRecovery(state: PublishState): readonly PublishStep[] {
  return [...planTidying(state).steps, { kind: "remove", path: STAGING }];
}
