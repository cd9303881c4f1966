import { digestOf } from "../lib/digest.ts";
import { GENERATIONS, POINTER, renderPointer, REPODATA, REPOMD, SIGNATURE } from "./layout.ts";
import { planExpiry, planTidying } from "./plan-cleaning.ts";
import { planGeneration } from "./plan-generation.ts";
import type { PublishPlan, PublishStep, PublishWish } from "./publish-plan.ts";
import type { Generation, PublishState } from "./publish-state.ts";

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

/**
 * Answers the steps that turn a repository into what it shall be like. Pure. What a publish that was interrupted left
 * behind is finished or removed, also when nothing else is to be done.
 */
export function planPublish(state: PublishState, wish: PublishWish): PublishPlan {
  const { tidy, steps: tidying } = planTidying(state);
  const current = tidy.generations.find((one) => one.id === tidy.current);
  const id = nextId(current, wish);
  const changed = id !== tidy.current;
  const pointer = Buffer.from(renderPointer(wish.baseUrl, id));
  const rootFiles = [...wish.rootFiles].filter(([path, content]) => differs(tidy, path, content));
  const steps: PublishStep[] = [
    ...tidying,
    ...(changed ? planGeneration(id, current, wish) : []),
    ...planViewFiles(id, tidy, wish),
    ...rootFiles.map(([path, content]): PublishStep => ({ kind: "switch", path, content })),
    FLUSH,
    ...(tidy.pointer === pointer.toString("utf8")
      ? []
      : [{ kind: "switch", path: POINTER, content: pointer } satisfies PublishStep]),
    ...planViewSwitch(tidy, wish),
    FLUSH,
    ...planExpiry(tidy, wish, { changed }),
  ];
  return { generation: id, changed, steps };
}
