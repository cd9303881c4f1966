import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { digestOf } from "../lib/bytes/digest.ts";
import {
  applyPublish,
  layout,
  openStore,
  planSwitch,
  type PublishStep,
  type Store,
} from "../publish/index.ts";

/** Returns the steps that copy repomd.xml and its signature of the current generation to the root. */
async function planRepair(store: Store): Promise<readonly PublishStep[]> {
  const pointer = await store.read(layout.POINTER);
  const current = layout.parsePointer(pointer?.toString("utf8") ?? "");
  if (current === undefined) return [];
  const digests: Record<string, string> = {};
  const repodata = new Map<string, Uint8Array>();
  for (const path of [layout.REPOMD, layout.SIGNATURE]) {
    const [view, own] = await Promise.all([
      store.read(path),
      store.read(`${layout.GENERATIONS}/${current}/${path}`),
    ]);
    if (view !== undefined) digests[path] = digestOf(view);
    if (own !== undefined) repodata.set(path, own);
  }
  // A generation without these files is damaged, so they cannot be copied.
  return repodata.has(layout.REPOMD) ? planSwitch([], digests, repodata) : [];
}

/**
 * Completes a publish that was interrupted between two renames, after which clients with `baseurl=` would find a
 * repomd.xml that does not match its signature. Does nothing if nothing is left to do, while another process publishes,
 * or if this user has no write access.
 */
export async function repairRepository(folder: string, context: Context): Promise<void> {
  const store = openStore(folder);
  try {
    if ((await planRepair(store)).length === 0) return;
    const purpose = "repo repair";
    await using _lock = await store.lock({ purpose, waitSeconds: 0 }, context);
    await applyPublish({ steps: await planRepair(store) }, store, { signal: context.signal });
    context.logger.info(`${folder}: completed an interrupted publish`);
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    context.logger.debug(`${folder}: repodata/ is not repaired: ${error.message}`);
  }
}
