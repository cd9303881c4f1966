import { GENERATION_RECORD, GENERATIONS, PACKAGES, REPODATA, REPOMD, SIGNATURE } from "./layout.ts";
import type { PublishStep, PublishWish } from "./publish-plan.ts";
import type { Generation } from "./publish-state.ts";

const FLUSH: PublishStep = { kind: "flush" };

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

/** Answers what makes a generation. Nobody is told of it yet, so the order matters little: its record comes last. */
export function planGeneration(
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
