import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { digestFile } from "../lib/digest.ts";
import {
  applyPublish,
  layout,
  openDirectoryStore,
  planRecovery,
  readPublishState,
} from "../publish/index.ts";
import type { Store } from "../publish/index.ts";
import type { Signer } from "../sign/index.ts";
import { planRelease } from "./plan-release.ts";
import type { Release, ReleaseResult, ReleaseWish } from "./plan-release.ts";
import { readConfig } from "./repository-config.ts";
import type { RepositoryConfig } from "./repository-config.ts";
import { takeRepositoryLock } from "./repository-lock.ts";

/** Who signs, and how long others are waited for. */
export interface ReleaseOptions {
  /** Must be the repository's key; undefined for a repository without signatures. */
  readonly signer?: Signer | undefined;
  readonly lockWaitSeconds?: number;
  /** Where the repository is; the directory unless told. */
  readonly store?: Store;
}

function checkSigner(config: RepositoryConfig, signer: Signer | undefined, origin: string): void {
  const expected = config.key?.fingerprint;
  if (expected === signer?.fingerprint) return;
  const found = signer === undefined ? "no key was given" : `found ${signer.fingerprint}`;
  throw new ApplianceError(
    "REPO_WRONG_KEY",
    expected === undefined
      ? `${origin}: the repository has no signatures, but a key was given`
      : `${origin}: metadata is signed by key ${expected}, ${found}`,
    { hint: "use the key that the repository was made with" },
  );
}

/** Answers a store that stages nothing, so that planning leaves no trace. */
function withoutStaging(store: Store): Store {
  return {
    ...store,
    async stage(file, options): ReturnType<Store["stage"]> {
      const sha256 = await digestFile(file, options);
      return { path: file, sizeBytes: 0, sha256, localPath: file };
    },
  };
}

/** Takes away what a failed release left, as far as that goes: what remains, the next release takes away. */
async function recover(store: Store): Promise<void> {
  try {
    const steps = planRecovery(await readPublishState(store, []));
    await applyPublish({ steps }, store);
  } catch {
    // The failure that led here is the one to report.
  }
}

/**
 * Does the work of a release in a repository whose lock is held.
 *
 * @param options.held  asked before each step; when the lock is lost, the work ends
 */
export async function publishRelease(
  release: Release,
  options: { readonly held: () => boolean },
): Promise<ReleaseResult> {
  const { store, context } = release;
  try {
    const result = await planRelease(release);
    await applyPublish(result.plan, store, {
      signal: context.signal,
      checkpoint: () => {
        if (options.held()) return;
        throw new ApplianceError("LIB_LOCKED", `${store.location}: the lock was lost`, {
          hint: "something ended our flock(1); run the command again",
        });
      },
    });
    return result;
  } catch (error) {
    // Without the lock what lies there may be somebody else's.
    if (options.held()) await recover(store);
    throw error;
  }
}

/**
 * Adds packages to a repository and removes others, as one change: clients see all of it or nothing. Packages that stay
 * are not read. What is replaced stays readable for the repository's grace time. With an empty wish it finishes or
 * removes what an interrupted release left.
 *
 * @param folder  made by `initRepository`
 * @throws ApplianceError `REPO_MISSING`, `REPO_WRONG_KEY`, `REPO_BAD_PACKAGES`, `REPO_UNKNOWN_PACKAGE`, `REPO_DAMAGED`,
 *   `LIB_LOCKED` when another process is writing, `LIB_INTERRUPTED`
 */
export async function releaseRepo(
  folder: string,
  wish: ReleaseWish,
  options: ReleaseOptions,
  context: Context,
): Promise<ReleaseResult> {
  const store = options.store ?? openDirectoryStore(folder);
  const config = await readConfig(store);
  const { signer } = options;
  checkSigner(config, signer, folder);
  if (wish.dryRun === true) {
    return planRelease({ store: withoutStaging(store), config, wish, signer, context });
  }
  await using lock = await takeRepositoryLock(
    folder,
    {
      purpose: "repo release",
      ...(options.lockWaitSeconds === undefined ? {} : { waitSeconds: options.lockWaitSeconds }),
    },
    context,
  );
  if ((await store.read(layout.POINTER)) === undefined) {
    throw new ApplianceError("REPO_MISSING", `${folder}: the repository was never finished`, {
      hint: "run virt-appliance repo init again",
    });
  }
  return await publishRelease({ store, config, wish, signer, context }, { held: () => lock.held });
}
