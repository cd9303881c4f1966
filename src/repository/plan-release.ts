import path from "node:path";
import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { readInstalled } from "../lib/installation.ts";
import {
  layout,
  planPublish,
  type PublishPlan,
  readPublishState,
  type Store,
} from "../publish/index.ts";
import {
  findLocation,
  findNamed,
  type IndexEntry,
  openIndex,
  renderRepoFile,
  type StoredIndex,
  type UpdatedRepodata,
  updateRepodata,
} from "../repodata/index.ts";
import { parseKeyring, signDetached, type Signer, verifyDetached } from "../sign/index.ts";
import { type Acceptance, acceptPackages } from "./accept-packages.ts";
import { readGenerationRepodata, type SignedRepodata } from "./current-repodata.ts";
import {
  CONFIG_PATH,
  keyFileOf,
  renderConfig,
  repoFileOf,
  type RepositoryConfig,
} from "./repository-config.ts";
import type { KeyRenewal } from "./repository-key.ts";

/** Changes of a repository. */
export interface ReleaseRequest {
  /** Paths of packages. */
  readonly add?: readonly string[];
  /** NAME-VERSION-RELEASE, for all architectures, or NAME-VERSION-RELEASE.ARCH. */
  readonly remove?: readonly string[];
  /** Accepts packages without a signature; clients with gpgcheck=1 refuse to install them. */
  readonly allowUnsigned?: boolean;
  /** Refuses packages that rpm accepts, but would write differently. */
  readonly strict?: boolean;
  /** Revision of the metadata, for reproducible repositories; see `updateRepodata`. */
  readonly timestampSeconds?: number | undefined;
  /**
   * Whether the given files are removed once the repository has their packages. Files that nobody else can write to are
   * then linked, not copied. Default: kept.
   */
  readonly sources?: "kept" | "removed";
  /** Only plans; changes nothing. */
  readonly dryRun?: boolean;
}

/** Result of a release, or of its plan. */
export interface ReleaseResult {
  /** File names. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Given packages that are already in the repository. */
  readonly unchanged: readonly string[];
  /** Added packages without a signature, in a repository with signatures. */
  readonly unsigned: readonly string[];
  /** Changes of the repository's key, and their consequences for clients; one sentence each. */
  readonly keyNotes: readonly string[];
  readonly plan: PublishPlan;
}

/** Input for planning and carrying out a release. */
export interface Release {
  readonly store: Store;
  /** Configuration with the updated key. */
  readonly config: RepositoryConfig;
  /** Changes from the stored configuration to {@link Release.config}; undefined in a new repository. */
  readonly renewal?: KeyRenewal;
  readonly request: ReleaseRequest;
  readonly signer: Signer | undefined;
  readonly context: Context;
}

/**
 * Refuses to continue with metadata that was changed without the key. Returns whether its signature can be kept. A
 * signature that clients do not accept, because its subkey has ended or its armor has no checksum (as in versions
 * early versions), is made again.
 */
async function checkSignature(current: SignedRepodata, release: Release): Promise<boolean> {
  const { config, signer, store, context } = release;
  if (signer === undefined || config.key === undefined) return true;
  const options = {
    keyring: await parseKeyring(Buffer.from(config.key.publicKey), "the repository's key"),
    now: context.now(),
  };
  const [repomd, signature] = [current.repomd, current.signature ?? ""];
  if ((await verifyDetached(repomd, signature, options)).status === "ok") return true;
  const check = await verifyDetached(repomd, signature, { ...options, rules: "rpm" });
  // This release renews an expired signature.
  if (check.status === "ok" || check.status === "expired") return false;
  const isRevoked = check.status === "revoked";
  throw new ApplianceError(
    "REPO_DAMAGED",
    `${store.location}: signature of the current repomd.xml: ${check.detail ?? check.status}`,
    {
      hint: isRevoked
        ? "anyone who has that key may have made it: make a new repository with virt-appliance repo init"
        : "the repository was changed without its key; restore it from a backup",
    },
  );
}

/** Returns the locations of the packages to remove; reports all unknown ones together. */
async function findRemoved(
  wanted: readonly string[],
  index: StoredIndex,
  origin: string,
): Promise<readonly string[]> {
  const unknown: string[] = [];
  const found = new Set<string>();
  for (const nvr of wanted) {
    const matches = await findNamed(index, nvr);
    if (matches.length === 0) unknown.push(nvr);
    for (const { location } of matches) found.add(location);
  }
  if (unknown.length === 0) return [...found];
  throw new ApplianceError(
    "REPO_UNKNOWN_PACKAGE",
    `${origin}: not in the repository: ${unknown.join(", ")}; no package was removed`,
    { hint: "virt-appliance repo list lists the packages" },
  );
}

async function accept(release: Release, index: StoredIndex): Promise<Acceptance> {
  const { store, config, request, context } = release;
  const keyring =
    config.key === undefined
      ? undefined
      : await parseKeyring(Buffer.from(config.key.publicKey), "the repository's key");
  const present = (location: string): Promise<IndexEntry | undefined> =>
    findLocation(index, location);
  const { allowUnsigned = false, strict = false, sources = "kept" } = request;
  const rules = { store, present, keyring, allowUnsigned, strict, sources };
  return acceptPackages(request.add ?? [], rules, context);
}

async function signed(
  updated: UpdatedRepodata,
  current: SignedRepodata | undefined,
  release: Release,
): Promise<string | undefined> {
  const { signer, request, context } = release;
  if (signer === undefined) return undefined;
  if (current !== undefined && Buffer.compare(current.repomd, updated.repomd) === 0) {
    return current.signature;
  }
  const createdAt =
    request.timestampSeconds === undefined
      ? context.now()
      : new Date(request.timestampSeconds * 1000);
  return signDetached(updated.repomd, signer, { createdAt });
}

/** Returns the files at the root of a repository. */
async function rootFiles(config: RepositoryConfig): Promise<Map<string, Uint8Array>> {
  const text = await readInstalled("repo/repository.repo.tmpl");
  const { name, baseUrl, key } = config;
  const repo = renderRepoFile(text, { name, title: name, baseUrl, signed: key !== undefined });
  const files = new Map<string, Uint8Array>([[repoFileOf(config), Buffer.from(repo)]]);
  if (key !== undefined) files.set(keyFileOf(config), Buffer.from(key.publicKey));
  return files;
}

/** The name of a generation contains the digest of its repomd.xml, so a new signature needs a new revision. */
function revisionFor(
  { request, context }: Release,
  signatureIsGood: boolean,
): { readonly timestampSeconds?: number } {
  const { timestampSeconds } = request;
  if (timestampSeconds !== undefined) return { timestampSeconds };
  return signatureIsGood ? {} : { timestampSeconds: Math.floor(context.now().getTime() / 1000) };
}

/** Writes the updated key into the configuration first: it still verifies earlier signatures. */
function withRenewal(plan: PublishPlan, { config, renewal }: Release): PublishPlan {
  if (renewal?.changed !== true) return plan;
  const content = Buffer.from(renderConfig(config));
  return { ...plan, steps: [{ kind: "switch", path: CONFIG_PATH, content }, ...plan.steps] };
}

/** Stages new packages, and returns the plan. Changes nothing that clients can see. */
export async function planRelease(release: Release): Promise<ReleaseResult> {
  const { store, config, request, context } = release;
  const roots = await rootFiles(config);
  const state = await readPublishState(store, [...roots.keys()]);
  const current =
    state.current === undefined ? undefined : await readGenerationRepodata(store, state.current);
  const isGood = current === undefined || (await checkSignature(current, release));
  const index = await openIndex(current);
  const removed = await findRemoved(request.remove ?? [], index, store.location);
  const { accepted, unchanged } = await accept(release, index);
  const updated = await updateRepodata(
    index,
    { add: accepted.map((one) => one.record), remove: removed },
    {
      signal: context.signal,
      ...revisionFor(release, isGood),
    },
  );
  const repodata = new Map<string, Uint8Array>(updated.files);
  repodata.set(layout.REPOMD, updated.repomd);
  const signature = await signed(updated, current, release);
  if (signature !== undefined) repodata.set(layout.SIGNATURE, Buffer.from(signature));
  const plan = planPublish(state, {
    baseUrl: config.baseUrl,
    repodata,
    packages: updated.packages,
    removed,
    staged: new Map(accepted.map(({ record, staged }) => [record.location, staged.path])),
    rootFiles: roots,
    created: context.now(),
    retention: config.retention,
  });
  const unsigned = config.key === undefined ? [] : accepted.filter((one) => !one.signed);
  const nameOf = (location: string): string => path.posix.basename(location);
  return {
    added: accepted.map((one) => nameOf(one.record.location)),
    removed: removed.map(nameOf),
    unchanged,
    unsigned: unsigned.map((one) => nameOf(one.record.location)),
    keyNotes: release.renewal?.notes ?? [],
    plan: withRenewal(plan, release),
  };
}
