import { link, rm } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import {
  fileError,
  makeFolder,
  openTemporaryFolder,
  syncFolder,
  writeFileAtomically,
} from "../lib/atomic.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { concernsOf } from "./key-concerns.ts";
import { isKeyName, keyNames, keyPaths } from "./key-folder.ts";
import { describeKey, type KeyFacts } from "./key-facts.ts";
import { armorPublicKey, armorSecretKey, generateRsaKey } from "./openpgp/index.ts";

/** Options for a new key. */
export interface KeyRequest {
  /** Short name, which becomes part of the file names. */
  readonly name: string;
  /** User id: `NAME <EMAIL>`. */
  readonly userId: string;
  readonly folder: string;
  /** Locks the secret half. Without it, anyone who can read the file can sign. */
  readonly passphrase?: string | undefined;
  readonly createdAt: Date;
  /** Default: the key never expires. */
  readonly lifetimeDays?: number | undefined;
  /** Once aborted, nothing more is written. */
  readonly signal?: AbortSignal;
}

/** A generated key and its two files. */
export interface GeneratedKey extends KeyFacts {
  readonly name: string;
  readonly publicPath: string;
  readonly secretPath: string;
  readonly locked: boolean;
  /** Systems that cannot import it or will stop trusting it, if it signs a repository; one clause each. */
  readonly warnings: readonly string[];
}

/** 100 years: a longer lifetime does not fit into its 32-bit field. */
const MAX_LIFETIME_DAYS = 36_500;

const MAX_ADDRESS_CHARACTERS = 254;

const USER_ID = /^[^\s<>()][^<>()]{0,199} <(?<address>[^\s<>()@]+@[^\s<>()@]+)>$/;

/** Printable text only, because it is shown on terminals and stored in rpm's database. */
function isUserId(text: string): boolean {
  const { address } = USER_ID.exec(text)?.groups ?? {};
  if (address === undefined || address.length > MAX_ADDRESS_CHARACTERS) return false;
  return !/\p{C}/u.test(text);
}

function checkRequest(request: KeyRequest): void {
  const { name, userId, lifetimeDays, passphrase } = request;
  const problems: string[] = [];
  if (!isKeyName(name)) {
    problems.push(`name "${name}" is not 1 to 64 letters, digits, dots, dashes and underscores`);
  }
  if (!isUserId(userId)) problems.push(`user id "${userId}" does not have the form NAME <EMAIL>`);
  if (
    lifetimeDays !== undefined &&
    !(Number.isInteger(lifetimeDays) && lifetimeDays >= 1 && lifetimeDays <= MAX_LIFETIME_DAYS)
  ) {
    problems.push(
      `lifetime of ${lifetimeDays} days is not a whole number from 1 to ${MAX_LIFETIME_DAYS}`,
    );
  }
  if (passphrase === "") problems.push("passphrase is empty");
  const [first, ...rest] = problems;
  if (first === undefined) return;
  throw new ApplianceError("SIGN_BAD_REQUEST", `new key: ${first}`, {
    details: rest,
  });
}

async function refuseExisting({ folder, name }: KeyRequest): Promise<void> {
  const existing = (await keyNames(folder)).find((key) => key.name === name);
  if (existing === undefined) return;
  const { publicPath, secretPath } = keyPaths(folder, name);
  throw new ApplianceError(
    "SIGN_KEY_EXISTS",
    `${existing.hasSecret ? secretPath : publicPath}: already exists`,
    { hint: "choose another name; keys are never overwritten" },
  );
}

/** Creates both files or neither. Never replaces a file that appeared in the meantime. */
async function place(
  files: readonly { readonly target: string; readonly text: string; readonly mode: number }[],
  folder: string,
): Promise<void> {
  await using temporary = await openTemporaryFolder(folder);
  const placed: string[] = [];
  try {
    for (const { target, text, mode } of files) {
      const draft = path.join(temporary.path, path.basename(target));
      await writeFileAtomically(draft, text, { mode });
      await link(draft, target);
      placed.push(target);
    }
    // The same key cannot be generated again.
    await syncFolder(folder);
  } catch (error) {
    for (const target of placed) await rm(target, { force: true });
    throw fileError(error, folder);
  }
}

/**
 * Generates an RSA-4096 key, OpenPGP version 4, for signing packages and repositories. Writes `RPM-GPG-KEY-NAME`
 * (public, armored, 0644) and `NAME.secret.asc` (0600) into a folder, which is created with mode 0700 if it is missing.
 *
 * @throws ApplianceError `SIGN_BAD_REQUEST` with every fault, `SIGN_KEY_EXISTS` if either file exists,
 *   `LIB_INTERRUPTED`
 */
export async function generateKey(request: KeyRequest): Promise<GeneratedKey> {
  checkRequest(request);
  await refuseExisting(request);
  const { name, userId, folder, passphrase, lifetimeDays } = request;
  const createdAt = new Date(Math.floor(request.createdAt.getTime() / 1000) * 1000);
  const key = await generateRsaKey({
    userId,
    createdAt,
    lifetimeDays,
  });
  const publicText = armorPublicKey(key);
  const secretText = await armorSecretKey(key, passphrase);
  const { publicPath, secretPath } = keyPaths(folder, name);
  throwIfInterrupted(request.signal, secretPath);
  await using _made = await makeFolder(folder, { mode: 0o700 });
  await place(
    [
      { target: secretPath, text: secretText, mode: 0o600 },
      { target: publicPath, text: publicText, mode: 0o644 },
    ],
    folder,
  );
  const facts = await describeKey(key, createdAt);
  const warnings = await concernsOf(key.toPublic(), { use: "repository", now: createdAt });
  return { ...facts, name, publicPath, secretPath, locked: passphrase !== undefined, warnings };
}
