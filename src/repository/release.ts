import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import {
  applyPublish,
  layout,
  observeFile,
  openStore,
  planRecovery,
  readPublishState,
  type Store,
} from "../publish/index.ts";
import { refusePlanned, type Signer } from "../sign/index.ts";
import {
  planRelease,
  type Release,
  type ReleaseRequest,
  type ReleaseResult,
} from "./plan-release.ts";
import { recordSources, removeSources } from "./remove-sources.ts";
import { readConfig } from "./repository-config.ts";
import { type KeyRenewal, renewRepositoryKey } from "./repository-key.ts";

/** Options for a release. */
export interface ReleaseOptions {
  /** The repository's key; undefined for a repository without signatures. */
  readonly signer?: Signer | undefined;
  readonly lockWaitSeconds?: number | undefined;
  /** Store of the repository. Default: the directory. */
  readonly store?: Store;
}

/** Returns a store that stages nothing, so that planning changes nothing. */
function withoutStaging(store: Store): Store {
  return {
    ...store,
    stage: async (file, options) => ({
      path: file,
      sizeBytes: await observeFile(file, options),
      localPath: file,
    }),
    stageContent: async (content, name) => ({
      path: name,
      sizeBytes: content.length,
      localPath: name,
    }),
  };
}

/** Removes the leftovers of a failed release. This is best effort: the next release removes what remains. */
async function recover(store: Store): Promise<void> {
  try {
    const steps = planRecovery(await readPublishState(store, []));
    await applyPublish({ steps }, store);
  } catch {
    // The original failure is reported.
  }
}

/**
 * Carries out a release in a repository whose lock is held.
 *
 * @param options.held  called before each step; the work stops if the lock is lost
 */
export async function publishRelease(
  release: Release,
  options: { readonly held: () => boolean },
): Promise<ReleaseResult> {
  refusePlanned(release.signer);
  const { store, context } = release;
  try {
    const result = await planRelease(release);
    await applyPublish(result.plan, store, {
      signal: context.signal,
      checkpoint: () => {
        if (options.held()) return;
        throw new ApplianceError("LIB_LOCKED", `${store.location}: the lock was lost`, {
          hint: "the flock(1) process that held it ended; run the command again",
        });
      },
    });
    return result;
  } catch (error) {
    // Without the lock, these files may belong to another process.
    if (options.held()) await recover(store);
    throw error;
  }
}

/**
 * Adds packages to a repository and removes others, as one change: clients see all of it or nothing. Packages that are
 * kept are not read. Replaced files remain readable for the repository's grace time. An empty request completes or
 * removes the leftovers of an interrupted release.
 *
 * @param folder  created by `initRepository`
 * @throws ApplianceError `REPO_MISSING`, `REPO_WRONG_KEY`, `REPO_BAD_PACKAGES`, `REPO_UNKNOWN_PACKAGE`, `REPO_DAMAGED`,
 *   `LIB_LOCKED` if another process is writing, `LIB_INTERRUPTED`
 */
export async function releaseRepo(
  folder: string,
  request: ReleaseRequest,
  options: ReleaseOptions,
  context: Context,
): Promise<ReleaseResult> {
  const store = options.store ?? openStore(folder, { run: context.run });
  const { signer } = options;
  const about = { origin: folder, now: context.now() };
  const renew = async (): Promise<KeyRenewal> =>
    renewRepositoryKey(await readConfig(store), signer, about);
  const planned = await renew();
  if (request.dryRun === true) {
    const { config } = planned;
    const dry = withoutStaging(store);
    return planRelease({ store: dry, config, renewal: planned, request, signer, context });
  }
  await using lock = await store.lock(
    {
      purpose: "repo release",
      waitSeconds: options.lockWaitSeconds,
    },
    context,
  );
  if ((await store.read(layout.POINTER)) === undefined) {
    throw new ApplianceError("REPO_MISSING", `${folder}: its creation was not completed`, {
      hint: "run virt-appliance repo init again",
    });
  }
  // Read again, because the previous holder of the lock may have updated the key.
  const renewal = await renew();
  const sources = await recordSources(request);
  const release = { store, config: renewal.config, renewal, request, signer, context };
  const result = await publishRelease(release, { held: () => lock.held });
  await removeSources(sources, folder, context);
  return result;
}
