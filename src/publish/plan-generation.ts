import {
  type RetainedSince,
  renderAddedRecord,
  renderGenerationRecord,
} from "./generation-record.ts";
import {
  ADDED_RECORD,
  GENERATION_RECORD,
  GENERATIONS,
  PACKAGES,
  REPODATA,
  REPOMD,
  SIGNATURE,
} from "./layout.ts";
import { expiredGenerations } from "./plan-cleaning.ts";
import type { PublishStep, PublishRequest } from "./publish-plan.ts";
import type { Generation, PublishState } from "./publish-state.ts";

const FLUSH: PublishStep = { kind: "flush" };

/** Maximum number of older metadata files that a generation retains: those of the last 16 generations. */
const MAX_RETAINED_METADATA = 3 * 16;

/** Packages that only generations before the current one name, if these have their own folders. */
function olderPackages(state: PublishState, previous: Generation): [string, RetainedSince][] {
  if (previous.packages === undefined || state.packages === undefined) return [];
  const newest = new Map(
    state.generations.flatMap(({ packages, number }) =>
      (packages ?? []).map((name) => [name, number] as const),
    ),
  );
  const own = new Set(previous.packages);
  return state.packages
    .filter((name) => !own.has(name))
    .map((name) => [
      `${PACKAGES}/${name}`,
      { sinceSeconds: 0, lastNamed: newest.get(name) ?? previous.number },
    ]);
}

interface Inheritance {
  readonly retained: ReadonlyMap<string, RetainedSince>;
  /** Packages that are no longer retained. */
  readonly dropped: readonly string[];
}

/**
 * Returns what the new generation retains of earlier ones. dnf reads the pointer again whenever it downloads packages,
 * even if its metadata is from an older generation. A package is also retained as long as an existing generation names
 * it.
 */
function inherit(
  state: PublishState,
  previous: Generation | undefined,
  request: PublishRequest,
): Inheritance {
  if (previous === undefined) return { retained: new Map(), dropped: [] };
  const nowSeconds = Math.floor(request.created.getTime() / 1000);
  const now = { sinceSeconds: nowSeconds, lastNamed: previous.number };
  const own = new Set([...request.staged.keys(), ...request.repodata.keys(), REPOMD, SIGNATURE]);
  const metadata = previous.repodata.map((name) => `${REPODATA}/${name}`);
  const former = new Map([...olderPackages(state, previous), ...Object.entries(previous.retained)]);
  const packages = [...former.keys()].filter((path) => path.startsWith(PACKAGES));
  const given = [...new Set([...packages, ...request.removed, ...metadata])]
    .filter((path) => !own.has(path))
    .map((path) => [path, former.get(path) ?? now] as const);
  const gone = expiredGenerations(state, request, { changed: true });
  const oldest = Math.min(
    ...state.generations.filter((one) => !gone.includes(one)).map((one) => one.number),
  );
  const isWanted = ([path, { sinceSeconds, lastNamed }]: readonly [
    string,
    RetainedSince,
  ]): boolean =>
    sinceSeconds + request.retention.graceSeconds > nowSeconds ||
    (path.startsWith(PACKAGES) && lastNamed >= oldest);
  const wanted = given.filter(isWanted);
  const ofPackages = ([path]: readonly [string, RetainedSince]): boolean =>
    path.startsWith(PACKAGES);
  const newest = wanted
    .filter((one) => !ofPackages(one))
    .sort(([, a], [, b]) => b.sinceSeconds - a.sinceSeconds)
    .slice(0, MAX_RETAINED_METADATA);
  return {
    retained: new Map([...wanted.filter(ofPackages), ...newest]),
    dropped: given.filter((one) => ofPackages(one) && !isWanted(one)).map(([path]) => path),
  };
}

/** Steps that create a generation, and the files to remove when it is current. */
export interface GenerationPlan {
  readonly steps: readonly PublishStep[];
  readonly dropped: readonly string[];
}

/**
 * Returns the steps that create a generation. No pointer names it yet, so the order matters only in two places: the
 * list of packages comes before the packages, and the record comes last.
 */
export function planGeneration(
  id: string,
  state: PublishState,
  request: PublishRequest,
): GenerationPlan {
  const previous = state.generations.find((one) => one.id === state.current);
  const folder = `${GENERATIONS}/${id}`;
  const { retained, dropped } = inherit(state, previous, request);
  const { created, packages } = request;
  const put = (name: string, content: Uint8Array): PublishStep => ({
    kind: "put",
    path: `${folder}/${name}`,
    content,
  });
  const steps: PublishStep[] = [
    put(ADDED_RECORD, renderAddedRecord([...request.staged.keys()])),
    FLUSH,
    ...[...request.staged].map(([to, from]): PublishStep => ({ kind: "link", from, to })),
    { kind: "share", from: PACKAGES, to: `${folder}/${PACKAGES}` },
    FLUSH,
    ...[...request.repodata].map(([path, content]) => put(path, content)),
    ...[...retained.keys()]
      .filter((path) => path.startsWith(REPODATA))
      .map((path): PublishStep => ({
        kind: "link",
        from: `${GENERATIONS}/${previous?.id ?? ""}/${path}`,
        to: `${folder}/${path}`,
      })),
    FLUSH,
    put(
      GENERATION_RECORD,
      renderGenerationRecord({ created, previous: previous?.id, packages, retained, dropped }),
    ),
  ];
  return { steps, dropped };
}
