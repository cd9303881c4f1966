import {
  GENERATION_RECORD,
  GENERATIONS,
  PACKAGES,
  REPODATA,
  REPOMD,
  SIGNATURE,
  STAGING,
} from "./layout.ts";
import type { PublishStep, PublishRequest } from "./publish-plan.ts";
import type { Generation, PublishState } from "./publish-state.ts";

/** The record goes first, so that what is left of an interrupted removal is known for what it is. */
function planRemoval({ id }: Generation): PublishStep[] {
  const folder = `${GENERATIONS}/${id}`;
  return [
    { kind: "remove", path: `${folder}/${GENERATION_RECORD}` },
    { kind: "remove", path: folder },
  ];
}

/**
 * Returns generations that are neither current, nor among the newest, nor were current within the grace time.
 *
 * @param options.changed  whether there is a new generation, which the state does not have yet
 */
export function expiredGenerations(
  state: PublishState,
  request: PublishRequest,
  options: { readonly changed: boolean },
): readonly Generation[] {
  const nowSeconds = request.created.getTime() / 1000;
  const finished = state.generations.filter((one) => one.createdSeconds !== undefined);
  // A new generation is not in the list of those that there were.
  const keepNewest = Math.max(1, request.retention.generations - (options.changed ? 1 : 0));
  return finished.slice(0, Math.max(0, finished.length - keepNewest)).filter((one, i) => {
    const replacedSeconds = finished[i + 1]?.createdSeconds ?? nowSeconds;
    return (
      one.id !== state.current && replacedSeconds + request.retention.graceSeconds <= nowSeconds
    );
  });
}

function removal(path: string): PublishStep {
  return { kind: "remove", path };
}

/**
 * Returns the steps that take away what is too old, once clients have been told of the new repository.
 *
 * @param options.dropped  packages that the new generation no longer retains
 */
export function planExpiry(
  state: PublishState,
  request: PublishRequest,
  options: { readonly changed: boolean; readonly dropped: readonly string[] },
): PublishStep[] {
  const gone = expiredGenerations(state, request, options);
  const kept = state.generations.filter((one) => !gone.includes(one));
  const repodata = new Set(kept.flatMap((one) => one.repodata));
  for (const path of [...request.repodata.keys(), REPOMD, SIGNATURE]) {
    repodata.add(path.slice(REPODATA.length + 1));
  }
  return [
    ...gone.flatMap(planRemoval),
    ...options.dropped.map(removal),
    ...state.repodata
      .filter((name) => !repodata.has(name))
      .map((name) => removal(`${REPODATA}/${name}`)),
    removal(STAGING),
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

/**
 * Returns the packages that nobody was told of, or that everybody has forgotten. What the current generation retains
 * stays, also when a broken one was about to publish it again.
 */
function strayPackages(state: PublishState, broken: readonly Generation[]): readonly string[] {
  const current = state.generations.find((one) => one.id === state.current);
  if (state.packages !== undefined) {
    const known = new Set(
      state.generations.filter((one) => !broken.includes(one)).flatMap((one) => one.packages ?? []),
    );
    return state.packages.filter((name) => !known.has(name)).map((name) => `${PACKAGES}/${name}`);
  }
  // The next one cannot have added what the current one names; of others, which are half removed, that is not known.
  const next = broken.filter((one) => one.number === (current?.number ?? 0) + 1);
  const stray = [...(current?.dropped ?? []), ...next.flatMap((one) => one.added)];
  return [...new Set(stray)].filter((path) => current?.retained[path] === undefined);
}

/** Returns the repository without what nobody was ever told of, and the steps that take it away. */
export function planTidying(state: PublishState): {
  readonly tidy: PublishState;
  readonly steps: readonly PublishStep[];
} {
  const broken = brokenGenerations(state);
  const stray = new Set(strayPackages(state, broken));
  const generations = state.generations.filter((one) => !broken.includes(one));
  const repodata = new Set(generations.flatMap((one) => one.repodata));
  for (const path of [REPOMD, SIGNATURE]) repodata.add(path.slice(REPODATA.length + 1));
  return {
    tidy: {
      ...state,
      generations,
      packages: state.packages?.filter((name) => !stray.has(`${PACKAGES}/${name}`)),
      repodata: state.repodata.filter((name) => repodata.has(name)),
    },
    steps: [
      // Before the records that tell of them.
      ...[...stray].map(removal),
      ...broken.flatMap(planRemoval),
      ...state.repodata
        .filter((name) => !repodata.has(name))
        .map((name) => removal(`${REPODATA}/${name}`)),
    ],
  };
}

/**
 * Returns the steps that take away what nobody was ever told of: generations, packages and metadata that a publish did
 * not get to announce, and staged files. Pure.
 */
export function planRecovery(state: PublishState): readonly PublishStep[] {
  return [...planTidying(state).steps, removal(STAGING)];
}
