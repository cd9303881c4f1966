import { ApplianceError } from "../errors.ts";
import { layout, openStore, type Retention, type Store } from "../publish/index.ts";
import { trimEndOf } from "../lib/trim-end.ts";

/** Configuration of a repository, set at its creation. Contains no secret. */
export interface RepositoryConfig {
  /** Id in .repo files, and part of file names. */
  readonly name: string;
  /** Base URL for clients, without a final slash. */
  readonly baseUrl: string;
  /** The key that signs metadata; undefined for a repository without signatures. */
  readonly key: { readonly fingerprint: string; readonly publicKey: string } | undefined;
  readonly retention: Retention;
}

/** Marks a folder as a virt-appliance repository. */
export const CONFIG_PATH: string = `${layout.PRIVATE_FOLDER}/repository.json`;

/** Returns the name of the file at the root that clients put into /etc/yum.repos.d. */
export function repoFileOf({ name }: Pick<RepositoryConfig, "name">): string {
  return `${name}.repo`;
}

/** Returns the name of the file at the root with the key that clients import. */
export function keyFileOf({ name }: Pick<RepositoryConfig, "name">): string {
  return `RPM-GPG-KEY-${name}`;
}

/**
 * Replaced files are kept for three days: a client may use its metadata, and the generation that it came from, for the
 * time of dnf's metadata_expire, 48 hours by default.
 */
const defaultRetention: Retention = { graceSeconds: 3 * 24 * 3600, generations: 3 };

/**
 * Checks a repository's name, which becomes a section of .repo files and part of file names.
 *
 * @throws ApplianceError `REPO_BAD_NAME`
 */
export function checkRepositoryName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) && name !== "main") return name;
  const expected =
    name === "main"
      ? "dnf reserves that name"
      : "expected up to 64 letters, digits and . _ -, the first a letter or digit";
  throw new ApplianceError("REPO_BAD_NAME", `repository name "${name}": ${expected}`);
}

/**
 * Checks the base URL of a repository, and returns it without a final slash.
 *
 * @throws ApplianceError `REPO_BAD_URL`
 */
export function checkBaseUrl(text: string): string {
  const refuse = (why: string): never => {
    throw new ApplianceError("REPO_BAD_URL", `base address "${text}": ${why}`, {
      hint: "give the address of the folder as clients see it: https://example.com/appliances",
    });
  };
  // Characters of variables, lists and comments in .repo files.
  if (!/^[!-~]+$/.test(text) || /[$,;"'<>\\^`{|}]/.test(text)) {
    refuse("contains a space or a character that is special in .repo files");
  }
  if (!URL.canParse(text)) refuse("not an address");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") refuse("expected http or https");
  if (url.username !== "" || url.password !== "") refuse("contains a user name or a password");
  if (url.search !== "" || url.hash !== "") refuse("contains a query or a fragment");
  return trimEndOf(url.href, "/");
}

/** Returns the text of repository.json. */
export function renderConfig(config: RepositoryConfig): string {
  const { name, baseUrl, key, retention } = config;
  return `${JSON.stringify({ schema: 1, name, baseUrl, key: key ?? null, retention }, undefined, 2)}\n`;
}

/** Returns the sentence about the first impossible value of a retention. */
function faultOfRetention(retention: Retention): string | undefined {
  for (const field of ["graceSeconds", "generations"] as const) {
    const value = retention[field];
    if (Number.isSafeInteger(value) && value >= 0) continue;
    return `retention.${field} is ${value}, expected a whole number, 0 or more`;
  }
  return undefined;
}

function parseConfig(text: string, origin: string): RepositoryConfig {
  const bad = (fact: string): ApplianceError =>
    new ApplianceError("REPO_DAMAGED", `${origin}: ${fact}`, {
      hint: "restore the file from a backup",
    });
  const object = (value: unknown): Record<string, unknown> | undefined =>
    typeof value === "object" && value !== null ? { ...value } : undefined;
  let parsed: Record<string, unknown> | undefined;
  try {
    parsed = object(JSON.parse(text));
  } catch (cause) {
    throw new ApplianceError("REPO_DAMAGED", `${origin}: not JSON`, { cause });
  }
  if (parsed?.["schema"] !== 1) throw bad("expected schema 1; a newer version may have written it");
  const { name, baseUrl } = parsed;
  const key = object(parsed["key"]);
  const retention = object(parsed["retention"]);
  const { graceSeconds, generations } = retention ?? {};
  if (typeof name !== "string" || typeof baseUrl !== "string") throw bad("lacks name or baseUrl");
  if (typeof graceSeconds !== "number" || typeof generations !== "number") {
    throw bad("lacks retention");
  }
  const fault = faultOfRetention({ graceSeconds, generations });
  if (fault !== undefined) throw bad(fault);
  const { fingerprint, publicKey } = key ?? {};
  if (key !== undefined && (typeof fingerprint !== "string" || typeof publicKey !== "string")) {
    throw bad("key lacks fingerprint or publicKey");
  }
  return {
    name: checkRepositoryName(name),
    baseUrl: checkBaseUrl(baseUrl),
    key:
      typeof fingerprint === "string" && typeof publicKey === "string"
        ? { fingerprint, publicKey }
        : undefined,
    retention: { graceSeconds, generations },
  };
}

/**
 * Fills in the defaults of a new repository.
 *
 * @throws TypeError for a retention that {@link readConfig} would refuse
 */
export function newConfig(
  known: Pick<RepositoryConfig, "name" | "baseUrl" | "key"> & {
    readonly retention?: Retention | undefined;
  },
): RepositoryConfig {
  const retention = known.retention ?? defaultRetention;
  const fault = faultOfRetention(retention);
  if (fault !== undefined) throw new TypeError(fault);
  return {
    name: checkRepositoryName(known.name),
    baseUrl: checkBaseUrl(known.baseUrl),
    key: known.key,
    retention,
  };
}

/**
 * Returns the configuration of the repository in a store.
 *
 * @throws ApplianceError `REPO_MISSING`, `REPO_DAMAGED`
 */
export async function readConfig(store: Store): Promise<RepositoryConfig> {
  const content = await store.read(CONFIG_PATH);
  if (content === undefined) {
    throw new ApplianceError("REPO_MISSING", `${store.location}: not a virt-appliance repository`, {
      hint: "create one with: virt-appliance repo init DIR --name NAME --base-url URL --key KEY",
    });
  }
  return parseConfig(content.toString("utf8"), `${store.location}/${CONFIG_PATH}`);
}

/**
 * Returns the configuration of the repository in a folder: name, base URL, key and retention.
 *
 * @throws ApplianceError `REPO_MISSING`, `REPO_DAMAGED`
 */
export async function readRepository(folder: string): Promise<RepositoryConfig> {
  return readConfig(openStore(folder));
}
