import path from "node:path";
import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { layout, openStore, type Retention, type Store } from "../publish/index.ts";
import type { Signer } from "../sign/index.ts";
import { publishRelease } from "./release.ts";
import type { ReleaseResult } from "./plan-release.ts";
import {
  CONFIG_PATH,
  keyFileOf,
  newConfig,
  renderConfig,
  repoFileOf,
  type RepositoryConfig,
} from "./repository-config.ts";

/** Options for a new repository. */
export interface NewRepository {
  readonly name: string;
  /** Base URL of the folder for clients. */
  readonly baseUrl: string;
  /** The key that signs metadata; undefined for a repository without signatures. */
  readonly signer: Signer | undefined;
  /** Paths of the packages to publish initially. */
  readonly packages?: readonly string[];
  readonly allowUnsigned?: boolean;
  readonly timestampSeconds?: number | undefined;
  /** Retention of replaced files. Default: three days, and at least three generations. */
  readonly retention?: Retention;
}

/** Accepts a folder that is missing or empty, or in which a first attempt was interrupted. */
async function checkFolder(folder: string, store: Store): Promise<void> {
  const names = await store.list("");
  const own = await store.list(layout.PRIVATE_FOLDER);
  const isOurs = own.includes(path.basename(CONFIG_PATH));
  if (isOurs && (await store.read(layout.POINTER)) === undefined) return;
  if (isOurs) {
    throw new ApplianceError("REPO_EXISTS", `${folder}: already a repository`, {
      hint: "add packages to it with virt-appliance repo add",
    });
  }
  const isLeftOver = own.every((name) => name === "lock" || name === "staging");
  const foreign = names.filter((name) => name !== layout.PRIVATE_FOLDER || !isLeftOver);
  if (foreign.length === 0) return;
  throw new ApplianceError(
    "REPO_FOREIGN",
    `${folder}: holds "${foreign[0] ?? ""}", expected an empty folder or none`,
    { hint: "choose another folder" },
  );
}

/**
 * Removes the files of a failed first attempt, the held lock last. Keeps files that clients can already see. This is
 * best effort: the next attempt takes over what remains.
 */
async function withdraw(config: RepositoryConfig, store: Store): Promise<void> {
  try {
    if ((await store.read(layout.POINTER)) !== undefined) return;
    const { GENERATIONS, PACKAGES, REPODATA, PRIVATE_FOLDER } = layout;
    const rootFiles = [repoFileOf(config), keyFileOf(config)];
    for (const one of [GENERATIONS, PACKAGES, REPODATA, ...rootFiles]) await store.remove(one);
    const left = await store.list("");
    if (left.every((name) => name === PRIVATE_FOLDER)) await store.remove(PRIVATE_FOLDER);
  } catch {
    // The original failure is reported.
  }
}

/**
 * Creates a repository in an empty or missing folder and publishes it, with or without packages. A failure leaves the
 * folder unchanged. If it is killed, it can be run again.
 *
 * @throws ApplianceError `REPO_FOREIGN`, `REPO_EXISTS`, `REPO_BAD_NAME`, `REPO_BAD_URL`, or as `releaseRepo`
 */
export async function initRepository(
  folder: string,
  wanted: NewRepository,
  context: Context,
  options: { readonly store?: Store } = {},
): Promise<ReleaseResult> {
  const { signer } = wanted;
  const config = newConfig({
    name: wanted.name,
    baseUrl: wanted.baseUrl,
    key: signer && { fingerprint: signer.fingerprint, publicKey: signer.publicKey },
    retention: wanted.retention,
  });
  const store = options.store ?? openStore(folder, { run: context.run });
  await checkFolder(folder, store);
  await using lock = await store.lock({ purpose: "repo init", isNew: true }, context);
  // Somebody else may have been quicker.
  await checkFolder(folder, store);
  const request = {
    add: wanted.packages ?? [],
    allowUnsigned: wanted.allowUnsigned === true,
    timestampSeconds: wanted.timestampSeconds,
  };
  try {
    await store.switch(CONFIG_PATH, Buffer.from(renderConfig(config)));
    const release = { store, config, request, signer, context };
    return await publishRelease(release, { held: () => lock.held });
  } catch (error) {
    // Without the lock, the files may belong to another process.
    if (lock.held) await withdraw(config, store);
    throw error;
  }
}
