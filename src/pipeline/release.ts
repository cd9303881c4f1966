import path from "node:path";
import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { digestFile } from "../lib/digest.ts";
import { readInstalled } from "../lib/installation.ts";
import { takeLock } from "../lib/lock.ts";
import {
  applyPublish,
  layout,
  openDirectoryStore,
  planPublish,
  readPublishState,
} from "../publish/index.ts";
import type { PublishPlan, PublishState, Store } from "../publish/index.ts";
import { listRepodata, renderRepoFile, updateRepodata } from "../repodata/index.ts";
import type { IndexEntry, UpdatedRepodata } from "../repodata/index.ts";
import { parseKeyring, signDetached, verifyDetached } from "../sign/index.ts";
import type { Signer } from "../sign/index.ts";
import { acceptPackages } from "./accept-packages.ts";
import type { Acceptance } from "./accept-packages.ts";
import { readGenerationRepodata } from "./current-repodata.ts";
import type { SignedRepodata } from "./current-repodata.ts";
import { readConfig } from "./repository-config.ts";
import type { RepositoryConfig } from "./repository-config.ts";

/** Path of the lock below the repository's root. */
export const LOCK_PATH: string = `${layout.PRIVATE_FOLDER}/lock`;

/** What is to change in a repository. */
export interface ReleaseWish {
  /** Paths of packages. */
  readonly add?: readonly string[];
  /** NAME-VERSION-RELEASE, for all architectures, or NAME-VERSION-RELEASE.ARCH. */
  readonly remove?: readonly string[];
  /** Accepts packages without a signature; clients with gpgcheck=1 will refuse to install them. */
  readonly allowUnsigned?: boolean;
  /** Revision of the metadata, for reproducible repositories; see `updateRepodata`. */
  readonly timestampSeconds?: number;
  /** Plans, and changes nothing. */
  readonly dryRun?: boolean;
}

/** Who signs, and how long others are waited for. */
export interface ReleaseOptions {
  /** Must be the repository's key; undefined for a repository without signatures. */
  readonly signer?: Signer | undefined;
  readonly lockWaitSeconds?: number;
  /** Where the repository is; the directory unless told. */
  readonly store?: Store;
}

/** What a release did, or would do. */
export interface ReleaseResult {
  /** File names. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Given, but in the repository already. */
  readonly unchanged: readonly string[];
  /** Among the added: those without a signature, in a repository with signatures. */
  readonly unsigned: readonly string[];
  readonly plan: PublishPlan;
}

interface Release {
  readonly store: Store;
  readonly config: RepositoryConfig;
  readonly wish: ReleaseWish;
  readonly signer: Signer | undefined;
  readonly context: Context;
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

/** Refuses to build upon metadata that somebody without the key has changed. */
async function checkSignature(current: SignedRepodata, release: Release): Promise<void> {
  const { signer, store, context } = release;
  if (signer === undefined) return;
  const keyring = await parseKeyring(Buffer.from(signer.publicKey), "the repository's key");
  const check = await verifyDetached(current.repomd, current.signature ?? "", {
    keyring,
    now: context.now(),
  });
  // An expired signature is renewed by this very release.
  if (check.status === "ok" || check.status === "expired") return;
  throw new ApplianceError(
    "REPO_DAMAGED",
    `${store.location}: signature of the current repomd.xml: ${check.detail ?? check.status}`,
    { hint: "somebody changed the repository; restore it from a backup" },
  );
}

/** Answers the file names of the packages that clients see now. */
function currentNames(state: PublishState): readonly string[] {
  const current = state.generations.find((one) => one.id === state.current);
  if (current === undefined) return [];
  return current.packages.filter((name) => !(`${layout.PACKAGES}/${name}` in current.retained));
}

/** Answers the file names that a removal means; all that mean nothing are reported together. */
function findRemoved(
  wanted: readonly string[],
  present: readonly string[],
  origin: string,
): string[] {
  const unknown: string[] = [];
  const found = wanted.flatMap((nvr) => {
    const stem = nvr.replace(/\.rpm$/, "").replaceAll("+", "_");
    const matches = present.filter((name) => {
      const rest = name.startsWith(`${stem}.`) ? name.slice(stem.length + 1) : undefined;
      return rest === "rpm" || (rest !== undefined && /^[^.]+\.rpm$/.test(rest));
    });
    if (matches.length === 0) unknown.push(nvr);
    return matches;
  });
  if (unknown.length === 0) return [...new Set(found)];
  throw new ApplianceError(
    "REPO_UNKNOWN_PACKAGE",
    `${origin}: not in the repository: ${unknown.join(", ")}; nothing was removed`,
    { hint: "virt-appliance repo list shows what there is" },
  );
}

async function accept(
  release: Release,
  state: PublishState,
  current: SignedRepodata | undefined,
): Promise<Acceptance> {
  const { store, config, wish, context } = release;
  const names = new Set(currentNames(state));
  let entries: Map<string, IndexEntry> | undefined;
  const present = async (location: string): Promise<IndexEntry | undefined> => {
    if (current === undefined || !names.has(path.posix.basename(location))) return undefined;
    entries ??= new Map((await listRepodata(current)).map((one) => [one.location, one]));
    return entries.get(location);
  };
  const keyring =
    config.key === undefined
      ? undefined
      : await parseKeyring(Buffer.from(config.key.publicKey), "the repository's key");
  const rules = { store, present, keyring, allowUnsigned: wish.allowUnsigned === true };
  return acceptPackages(wish.add ?? [], rules, context);
}

async function signed(
  updated: UpdatedRepodata,
  current: SignedRepodata | undefined,
  release: Release,
): Promise<string | undefined> {
  const { signer, wish, context } = release;
  if (signer === undefined) return undefined;
  if (current !== undefined && Buffer.compare(current.repomd, updated.repomd) === 0) {
    return current.signature;
  }
  const createdAt =
    wish.timestampSeconds === undefined ? context.now() : new Date(wish.timestampSeconds * 1000);
  return signDetached(updated.repomd, signer, { createdAt });
}

/** Answers the files at the root of a repository. */
async function rootFiles(config: RepositoryConfig): Promise<Map<string, Uint8Array>> {
  const text = await readInstalled("repo/repository.repo.tmpl");
  const { name, baseUrl, key } = config;
  const repo = renderRepoFile(text, { name, title: name, baseUrl, signed: key !== undefined });
  const files = new Map<string, Uint8Array>([[`${name}.repo`, Buffer.from(repo)]]);
  if (key !== undefined) files.set(`RPM-GPG-KEY-${name}`, Buffer.from(key.publicKey));
  return files;
}

async function planRelease(release: Release): Promise<ReleaseResult> {
  const { store, config, wish, context } = release;
  const roots = await rootFiles(config);
  const state = await readPublishState(store, [...roots.keys()]);
  const current =
    state.current === undefined ? undefined : await readGenerationRepodata(store, state.current);
  if (current !== undefined) await checkSignature(current, release);
  const removed = findRemoved(wish.remove ?? [], currentNames(state), store.location);
  const { accepted, unchanged } = await accept(release, state, current);
  const updated = await updateRepodata(
    current,
    {
      add: accepted.map((one) => one.record),
      remove: removed.map((name) => `${layout.PACKAGES}/${name}`),
    },
    {
      signal: context.signal,
      ...(wish.timestampSeconds === undefined ? {} : { timestampSeconds: wish.timestampSeconds }),
    },
  );
  const repodata = new Map<string, Uint8Array>(updated.files);
  repodata.set(layout.REPOMD, updated.repomd);
  const signature = await signed(updated, current, release);
  if (signature !== undefined) repodata.set(layout.SIGNATURE, Buffer.from(signature));
  const plan = planPublish(state, {
    baseUrl: config.baseUrl,
    repodata,
    packages: updated.packages.map((one) => one.location),
    staged: new Map(accepted.map(({ record, staged }) => [record.location, staged.path])),
    rootFiles: roots,
    created: context.now(),
    retention: config.retention,
  });
  const unsigned = config.key === undefined ? [] : accepted.filter((one) => !one.signed);
  const nameOf = (one: (typeof accepted)[number]): string => path.basename(one.record.location);
  return {
    added: accepted.map(nameOf),
    removed,
    unchanged,
    unsigned: unsigned.map(nameOf),
    plan,
  };
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
    await store.remove(layout.STAGING);
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
  await using lock = await takeLock(
    path.join(folder, LOCK_PATH),
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
