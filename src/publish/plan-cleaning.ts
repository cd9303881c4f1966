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

/** The record is removed first, so that the rest of an interrupted removal is recognised. */
function planRemoval({ id }: Generation): PublishStep[] {
  const folder = `${GENERATIONS}/${id}`;
  return [
    { kind: "remove", path: `${folder}/${GENERATION_RECORD}` },
    { kind: "remove", path: folder },
  ];
}

/**
 * Returns the generations that are neither current, nor among the newest, nor were current within the grace time.
 *
 * @param options.changed  true if there is a new generation, which is not in the state yet
 */
export function expiredGenerations(
  state: PublishState,
  request: PublishRequest,
  options: { readonly changed: boolean },
): readonly Generation[] {
  const nowSeconds = request.created.getTime() / 1000;
  const finished = state.generations.filter((one) => one.createdSeconds !== undefined);
  // A new generation is not in the list of earlier ones.
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
 * Returns the steps that remove expired files, after the new repository was announced to clients.
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

/** Incompletely created or removed generations. One after the current generation was interrupted during its creation. */
function brokenGenerations(state: PublishState): readonly Generation[] {
  const current = state.generations.find((one) => one.id === state.current);
  return state.generations.filter(
    (one) =>
      one.id !== state.current &&
      (one.createdSeconds === undefined || one.number >= (current?.number ?? 0)),
  );
}

/**
 * Returns the packages that were never announced, or that no generation names any more. Packages that the current
 * generation retains are kept, even if an incomplete one was going to publish them again.
 */
function strayPackages(state: PublishState, broken: readonly Generation[]): readonly string[] {
  const current = state.generations.find((one) => one.id === state.current);
  if (state.packages !== undefined) {
    const known = new Set(
      state.generations.filter((one) => !broken.includes(one)).flatMap((one) => one.packages ?? []),
    );
    return state.packages.filter((name) => !known.has(name)).map((name) => `${PACKAGES}/${name}`);
  }
  // The next generation cannot have added packages that the current one names; for others, which are partly removed,
  // this is unknown.
  const next = broken.filter((one) => one.number === (current?.number ?? 0) + 1);
  const stray = [...(current?.dropped ?? []), ...next.flatMap((one) => one.added)];
  return [...new Set(stray)].filter((path) => current?.retained[path] === undefined);
}

/** Returns the repository without files that were never announced, and the steps that remove them. */
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
      // Before the records that list them.
      ...[...stray].map(removal),
      ...broken.flatMap(planRemoval),
      ...state.repodata
        .filter((name) => !repodata.has(name))
        .map((name) => removal(`${REPODATA}/${name}`)),
    ],
  };
}

/**
 * Returns the steps that remove everything that was never announced: generations, packages and metadata of an
 * interrupted publish, and staged files. Pure.
 */
export function planRecovery(state: PublishState): readonly PublishStep[] {
  return [...planTidying(state).steps, removal(STAGING)];
}
