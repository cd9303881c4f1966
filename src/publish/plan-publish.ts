import { digestOf } from "../lib/bytes/digest.ts";
import { GENERATIONS, POINTER, renderPointer, REPODATA, REPOMD, SIGNATURE } from "./layout.ts";
import { planExpiry, planTidying } from "./plan-cleaning.ts";
import { planGeneration } from "./plan-generation.ts";
import type { PublishPlan, PublishStep, PublishRequest } from "./publish-plan.ts";
import type { Generation, PublishState } from "./publish-state.ts";
import type { SwitchedFile } from "./store.ts";

const FLUSH: PublishStep = { kind: "flush" };

function requiredContent(request: PublishRequest, path: string): Uint8Array {
  const content = request.repodata.get(path);
  if (content === undefined) throw new TypeError(`${path} is not part of the request`);
  return content;
}

function nextId(current: Generation | undefined, request: PublishRequest): string {
  const repomd = digestOf(requiredContent(request, REPOMD)).slice(0, 16);
  if (current?.id.endsWith(`-${repomd}`) === true) return current.id;
  return `${(current?.number ?? 0) + 1}-${repomd}`;
}

/**
 * Metadata for clients that use baseurl=: files that never change are written before the pointer, repomd.xml after it.
 */
function planViewFiles(id: string, state: PublishState, request: PublishRequest): PublishStep[] {
  return [...request.repodata.keys()]
    .filter((path) => path !== REPOMD && path !== SIGNATURE)
    .filter((path) => !state.repodata.includes(path.slice(REPODATA.length + 1)))
    .map((path) => ({ kind: "link", from: `${GENERATIONS}/${id}/${path}`, to: path }));
}

function differs(state: PublishState, path: string, content: Uint8Array): boolean {
  return state.digests[path] !== digestOf(content);
}

/**
 * Returns the files at the root that update the conventional view to the current generation: repomd.xml and its
 * signature. A client reads repomd.xml first. If it is also switched first, the time in which a client can read two
 * files that do not match is shortest. In a new repository the signature comes first, because no client reads it before
 * there is a repomd.xml.
 */
function viewFiles(
  digests: Readonly<Record<string, string>>,
  repodata: ReadonlyMap<string, Uint8Array>,
): SwitchedFile[] {
  const order = digests[REPOMD] === undefined ? [SIGNATURE, REPOMD] : [REPOMD, SIGNATURE];
  return order.flatMap((path): SwitchedFile[] => {
    const content = repodata.get(path);
    return content === undefined || digests[path] === digestOf(content) ? [] : [{ path, content }];
  });
}

/**
 * Returns the steps that switch these files, then the conventional view. Two files cannot be switched at once. All are
 * written before the first is switched, so only an interruption between two renames can separate them. The next command
 * completes that.
 */
export function planSwitch(
  files: readonly SwitchedFile[],
  digests: Readonly<Record<string, string>>,
  repodata: ReadonlyMap<string, Uint8Array>,
): PublishStep[] {
  const all = [...files, ...viewFiles(digests, repodata)];
  const isUnsigned = repodata.get(SIGNATURE) === undefined && digests[SIGNATURE] !== undefined;
  return [
    ...(all.length === 0 ? [] : [{ kind: "switch-all", files: all } satisfies PublishStep]),
    ...(isUnsigned ? [{ kind: "remove", path: SIGNATURE } satisfies PublishStep] : []),
  ];
}

/**
 * Returns the steps that bring a repository into the requested state. Pure. Leftovers of an interrupted publish are
 * completed or removed, even if there is nothing else to do.
 */
export function planPublish(state: PublishState, request: PublishRequest): PublishPlan {
  const { tidy, steps: tidying } = planTidying(state);
  const current = tidy.generations.find((one) => one.id === tidy.current);
  const id = nextId(current, request);
  const changed = id !== tidy.current;
  const generation = changed ? planGeneration(id, tidy, request) : { steps: [], dropped: [] };
  const pointer = Buffer.from(renderPointer(request.baseUrl, id));
  const rootFiles = [...request.rootFiles].filter(([path, content]) =>
    differs(tidy, path, content),
  );
  const steps: PublishStep[] = [
    ...tidying,
    ...generation.steps,
    ...planViewFiles(id, tidy, request),
    ...rootFiles.map(([path, content]): PublishStep => ({ kind: "switch", path, content })),
    FLUSH,
    ...planSwitch(
      tidy.pointer === pointer.toString("utf8") ? [] : [{ path: POINTER, content: pointer }],
      tidy.digests,
      request.repodata,
    ),
    FLUSH,
    ...planExpiry(tidy, request, { changed, dropped: generation.dropped }),
  ];
  return { generation: id, changed, steps };
}
