/**
 * The two documents of a generation. `added.json` is written first, and lists what to remove if the generation is never
 * completed; `generation.json` is written last. In this order they are:
 *
 *     {"schema": 2, "created": TIME, "previous": ID, "packages": COUNT,
 *      "retained": {PATH: {"since": TIME, "lastNamed": NUMBER}}, "dropped": [PATH]}
 *     {"schema": 1, "packages": [PATH]}
 *
 * Schema 1 of generation.json, of early versions, has a time for each retained path.
 */
import { PACKAGES, REPODATA } from "./layout.ts";

/** Since when no generation publishes a retained file. Clients with older metadata continue to request it. */
export interface RetainedSince {
  /** Unix time. */
  readonly sinceSeconds: number;
  /** Number of the newest generation whose metadata names it. */
  readonly lastNamed: number;
}

/** Content of generation.json. */
export interface GenerationRecord {
  readonly schema: 1 | 2;
  readonly createdSeconds: number | undefined;
  readonly retained: Readonly<Record<string, RetainedSince>>;
  readonly dropped: readonly string[];
}

function secondsOf(value: unknown): number | undefined {
  const milliseconds = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Paths of files directly below packages/ or repodata/; no other file in a record is ever removed. */
function pathsOf(values: readonly unknown[]): string[] {
  const own = new RegExp(`^(?:${PACKAGES}|${REPODATA})/[^/.][^/]*$`);
  return values.filter((one): one is string => typeof one === "string" && own.test(one));
}

/** Returns the content of a generation.json; undefined if it is missing or incomplete. */
export function parseGenerationRecord(
  text: string | undefined,
  number: number,
): GenerationRecord | undefined {
  const record = parseObject(text);
  if (record === undefined || !("created" in record)) return undefined;
  const given = objectOf(record["retained"]);
  const retained: Record<string, RetainedSince> = {};
  for (const path of pathsOf(Object.keys(given))) {
    const { since, lastNamed } = objectOf(given[path]);
    retained[path] = {
      sinceSeconds: secondsOf(since ?? given[path]) ?? 0,
      lastNamed: typeof lastNamed === "number" ? lastNamed : number - 1,
    };
  }
  const { dropped } = record;
  return {
    schema: record["schema"] === 1 ? 1 : 2,
    createdSeconds: secondsOf(record["created"]),
    retained,
    dropped: Array.isArray(dropped) ? pathsOf(dropped) : [],
  };
}

/** Returns the paths in an added.json. */
export function parseAddedRecord(text: string | undefined): readonly string[] {
  const packages = parseObject(text)?.["packages"];
  return Array.isArray(packages) ? pathsOf(packages) : [];
}

function render(record: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
}

/** Returns a generation.json. */
export function renderGenerationRecord(record: {
  readonly created: Date;
  readonly previous: string | undefined;
  readonly packages: number;
  readonly retained: ReadonlyMap<string, RetainedSince>;
  readonly dropped: readonly string[];
}): Buffer {
  const { created, previous, packages, retained, dropped } = record;
  const entries = [...retained].map(([path, { sinceSeconds, lastNamed }]) => {
    const since = new Date(sinceSeconds * 1000).toISOString();
    return [path, { since, lastNamed }] as const;
  });
  return render({
    schema: 2,
    created: created.toISOString(),
    previous: previous ?? null,
    packages,
    retained: Object.fromEntries(entries),
    dropped,
  });
}

/** Returns an added.json. */
export function renderAddedRecord(paths: readonly string[]): Buffer {
  return render({ schema: 1, packages: paths });
}
