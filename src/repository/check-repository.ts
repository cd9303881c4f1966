import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { safeRelativePath } from "../lib/safe-path.ts";
import { layout, openStore, readPublishState, type Store } from "../publish/index.ts";
import { type PackageSummary, readRepodata, type RepodataSource } from "../repodata/index.ts";
import { type Keyring, parseKeyring, verifyDetached } from "../sign/index.ts";
import { checkPublishedKey } from "./check-key.ts";
import { checkPlaces } from "./check-places.ts";
import { readConfig, repoFileOf, type RepositoryConfig } from "./repository-config.ts";

/** State of a repository from the point of view of a client. */
export interface RepositoryCheck {
  readonly ok: boolean;
  /** Id of the generation that the pointer names. */
  readonly generation: string | undefined;
  readonly packages: number;
  /** One sentence each, with the path first. */
  readonly problems: readonly string[];
  /** Things that work now, but not for every client or not permanently; one sentence each. */
  readonly warnings: readonly string[];
}

interface Check {
  readonly store: Store;
  readonly config: RepositoryConfig;
  readonly keyring: Keyring | undefined;
  readonly context: Context;
}

/** Converts expected failures into problems. */
async function problemsOf(work: Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApplianceError && error.code !== "LIB_INTERRUPTED") return [error.message];
    throw error;
  }
}

async function checkSignaturePair(prefix: string, check: Check): Promise<string[]> {
  const { store, keyring, context } = check;
  const repomd = await store.read(`${prefix}${layout.REPOMD}`);
  const signature = await store.read(`${prefix}${layout.SIGNATURE}`);
  if (repomd === undefined) return [`${prefix}${layout.REPOMD}: missing`];
  if (keyring === undefined) {
    return signature === undefined ? [] : [`${prefix}${layout.SIGNATURE}: expected none`];
  }
  if (signature === undefined) return [`${prefix}${layout.SIGNATURE}: missing`];
  const { status, detail } = await verifyDetached(repomd, signature.toString("utf8"), {
    keyring,
    now: context.now(),
  });
  return status === "ok" ? [] : [`${prefix}${layout.SIGNATURE}: ${detail ?? status}`];
}

async function checkPackage(prefix: string, one: PackageSummary, check: Check): Promise<string[]> {
  const relative = safeRelativePath(one.location, "primary metadata");
  const file = `${prefix}${relative}`;
  const sizeBytes = await check.store.size(file).catch(() => undefined);
  if (sizeBytes === undefined) {
    const faults = await check.store.examine([{ path: file, kind: "file" }]);
    return faults.length === 0 ? [`${file}: missing`] : [...faults];
  }
  if (sizeBytes !== one.sizeBytes) {
    return [`${file}: has ${sizeBytes} bytes, expected ${one.sizeBytes}`];
  }
  if (one.checksumType !== "sha256")
    return [`${relative}: checksum type is ${one.checksumType}, expected sha256`];
  const sha256 = await check.store.digest(file, { signal: check.context.signal });
  if (sha256 === one.pkgid) return [];
  return [`${file}: sha256 is ${sha256}, expected ${one.pkgid}`];
}

/** Checks everything that a client of the current generation can request. */
async function checkGeneration(
  id: string,
  check: Check,
): Promise<{ readonly packages: number; readonly problems: string[] }> {
  const prefix = `${layout.GENERATIONS}/${id}/`;
  const problems = [...(await problemsOf(checkSignaturePair(prefix, check)))];
  let packages: readonly PackageSummary[] = [];
  const source: RepodataSource = {
    read: (one, options) => check.store.read(`${prefix}${one}`, options),
  };
  const origin = `${prefix}${layout.REPOMD}`;
  const readPackages = async (): Promise<readonly string[]> => {
    const repomd = await check.store.read(origin);
    if (repomd !== undefined) {
      ({ packages } = await readRepodata(repomd, source, { origin, all: true }));
    }
    return [];
  };
  problems.push(...(await problemsOf(readPackages())));
  for (const one of packages) {
    problems.push(...(await problemsOf(checkPackage(prefix, one, check))));
  }
  return { packages: packages.length, problems };
}

/** Checks that the conventional view is complete and belongs to the current generation. */
async function checkView(id: string, check: Check): Promise<string[]> {
  const { store, context } = check;
  const prefix = `${layout.GENERATIONS}/${id}/`;
  const problems: string[] = [];
  const { signal } = context;
  const same = async (one: string): Promise<boolean> => {
    const own = `${prefix}${one}`;
    const [size, ownSize] = await Promise.all([store.size(one), store.size(own)]);
    if (size === undefined || size !== ownSize) return false;
    return (await store.digest(one, { signal })) === (await store.digest(own, { signal }));
  };
  for (const name of await store.list(`${prefix}${layout.REPODATA}`)) {
    const one = `${layout.REPODATA}/${name}`;
    if (!(await same(one).catch(() => false)))
      problems.push(`${one}: differs from the current generation's`);
  }
  // It has the very packages that were looked at below the generation.
  if (await store.isShared(layout.PACKAGES, `${prefix}${layout.PACKAGES}`)) return problems;
  for (const name of await store.list(`${prefix}${layout.PACKAGES}`)) {
    const one = `${layout.PACKAGES}/${name}`;
    const size = await store.size(one).catch(() => undefined);
    const twin = await store.size(`${prefix}${one}`).catch(() => undefined);
    if (size === undefined || size !== twin) {
      problems.push(`${one}: missing, or not the current generation's`);
    }
  }
  return problems;
}

async function missingFiles({ config, store }: Check): Promise<string[]> {
  const repoFile = repoFileOf(config);
  return (await store.read(repoFile)) === undefined ? [`${repoFile}: missing`] : [];
}

async function checkOwnPlaces({ store, config }: Check): Promise<readonly string[]> {
  // A pointer that cannot be read is a separate problem.
  const pointer = await problemsOf(
    store.read(layout.POINTER).then((content) => [content?.toString("utf8") ?? ""]),
  );
  return checkPlaces(store, config, layout.parsePointer(pointer[0] ?? ""));
}

/**
 * Checks a repository from the point of view of its clients: pointer, signature, every metadata file, every package
 * with size and digest, the key, the conventional view, and the places of virt-appliance's files and folders.
 * All problems are returned, none is thrown.
 *
 * @param options.ownerKey  the owner's copy of the public key, armored: the published one may be older
 * @throws ApplianceError `REPO_MISSING` if there is none, `LIB_INTERRUPTED`
 */
export async function checkRepository(
  folder: string,
  context: Context,
  options: { readonly ownerKey?: string | undefined } = {},
): Promise<RepositoryCheck> {
  const store = openStore(folder);
  const config = await readConfig(store);
  const keyring =
    config.key === undefined
      ? undefined
      : await parseKeyring(Buffer.from(config.key.publicKey), "the repository's key");
  const check: Check = { store, config, keyring, context };
  const missing = await problemsOf(missingFiles(check));
  const warnings: string[] = [];
  const keyProblems = await problemsOf(
    checkPublishedKey(config, store, { ...options, now: context.now() }).then((found) => {
      warnings.push(...found.warnings);
      return found.problems;
    }),
  );
  let generation: string | undefined;
  const stateProblems = await problemsOf(
    readPublishState(store, []).then((state) => {
      generation = state.current;
      return generation === undefined ? [`${layout.POINTER}: missing`] : [];
    }),
  );
  const places = await problemsOf(checkOwnPlaces(check));
  const found = [...places, ...missing, ...keyProblems, ...stateProblems];
  if (generation === undefined) {
    return { ok: false, generation, packages: 0, problems: found, warnings };
  }
  const { packages, problems } = await checkGeneration(generation, check);
  const all = [...found, ...problems, ...(await problemsOf(checkView(generation, check)))];
  return { ok: all.length === 0, generation, packages, problems: all, warnings };
}
