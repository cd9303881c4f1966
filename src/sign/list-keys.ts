import { stat } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { knownNames } from "../lib/closest.ts";
import { describeKey, type KeyFacts } from "./key-facts.ts";
import { concernsOf } from "./key-concerns.ts";
import { keyNames, keyPaths, readSecretKey } from "./key-folder.ts";
import { type Keyring, readKeyBytes, readKeyring } from "./keyring.ts";
import { armorPublicKey, parsePublicKeys, type PublicKey } from "./openpgp/index.ts";
import type { TargetName } from "./targets/target.ts";

/** A key in the key folder. */
export interface ListedKey extends KeyFacts {
  readonly name: string;
  /** True if the secret half exists, so that the key can sign. */
  readonly hasSecret: boolean;
  /** Parts that have ended, and systems that cannot import it; one clause each. */
  readonly warnings: readonly string[];
}

/** An unreadable key in the folder, and the reason. */
export interface BrokenKey {
  readonly name: string;
  readonly problem: string;
}

async function readPublicHalf(
  folder: string,
  name: string,
  hasPublic: boolean,
): Promise<PublicKey> {
  const { publicPath, secretPath } = keyPaths(folder, name);
  if (!hasPublic) return (await readSecretKey(secretPath)).toPublic();
  const [key] = await parsePublicKeys(await readKeyBytes(publicPath), publicPath);
  if (key === undefined) throw new TypeError("no key was parsed");
  return key;
}

/**
 * Returns all keys of a folder, sorted by name; a folder that does not exist has none. If a file has several keys, the
 * first one is listed.
 *
 * @param options.targets  systems to warn of; default, or empty: all
 * @throws ApplianceError `LIB_IO` when the folder cannot be read
 */
export async function listKeys(
  folder: string,
  at: Date,
  options: { readonly targets?: readonly TargetName[] } = {},
): Promise<{ readonly keys: readonly ListedKey[]; readonly broken: readonly BrokenKey[] }> {
  const keys: ListedKey[] = [];
  const broken: BrokenKey[] = [];
  for (const { name, hasPublic, hasSecret } of await keyNames(folder)) {
    try {
      const half = await readPublicHalf(folder, name, hasPublic);
      const warnings = await concernsOf(half, { ...options, use: "packages", now: at });
      keys.push({ name, ...(await describeKey(half, at)), hasSecret, warnings });
    } catch (error) {
      if (!(error instanceof ApplianceError)) throw error;
      broken.push({ name, problem: error.message });
    }
  }
  return { keys, broken };
}

/** Returns the error for an unknown key, with a list of the keys in the folder. */
export function unknownKey(
  wanted: string,
  folder: string,
  known: readonly ListedKey[],
): ApplianceError {
  return new ApplianceError("SIGN_KEY_UNKNOWN", `${wanted}: no such key in ${folder}`, {
    details: knownNames(
      wanted,
      known.map(
        (key) => `${key.name}  ${key.fingerprint}${key.hasSecret ? "" : "  (public half only)"}`,
      ),
    ),
    hint:
      known.length === 0
        ? "create one with virt-appliance keys generate"
        : "use a name or a fingerprint from above, or the path of its file",
  });
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => !stats.isDirectory(),
    () => false,
  );
}

/**
 * Reads the public halves of keys. Each is given by the path of its file, or by its name, fingerprint or key id in a
 * folder.
 *
 * @throws ApplianceError `SIGN_KEY_UNKNOWN` with a list of the existing keys; as {@link readKeyring}
 */
export async function readNamedKeys(
  named: readonly string[],
  folder: string,
  at: Date,
): Promise<Keyring> {
  const keys: PublicKey[] = [];
  for (const wanted of named) {
    const listed = wanted.includes("/") ? [] : (await listKeys(folder, at)).keys;
    const found = listed.find((one) => isNamedBy(one, wanted));
    if (found !== undefined) {
      const halves = (await keyNames(folder)).find(({ name }) => name === found.name);
      keys.push(await readPublicHalf(folder, found.name, halves?.hasPublic === true));
    } else if (wanted.includes("/") || (await isFile(wanted))) {
      keys.push(...(await readKeyring({ files: [wanted] })).keys);
    } else throw unknownKey(wanted, folder, listed);
  }
  return { keys };
}

/**
 * True if a text identifies a key: its name, or the fingerprint or long id of it or of a subkey, ignoring case and
 * spaces.
 */
export function isNamedBy(key: ListedKey, wanted: string): boolean {
  const hex = wanted.replace(/^0x/i, "").replaceAll(/\s/g, "").toLowerCase();
  return (
    key.name === wanted ||
    [key, ...key.subkeys].some(({ fingerprint, keyId }) => hex === fingerprint || hex === keyId)
  );
}

/**
 * Returns only the public half of a key as armored text, whatever its file contains.
 *
 * @param key  name or fingerprint
 * @throws ApplianceError `SIGN_KEY_UNKNOWN` with a list of the existing keys
 */
export async function exportKey(key: string, folder: string, at: Date): Promise<string> {
  const { keys } = await listKeys(folder, at);
  const found = keys.find((one) => isNamedBy(one, key));
  if (found === undefined) throw unknownKey(key, folder, keys);
  const hasPublic = (await keyNames(folder)).some(
    (one) => one.name === found.name && one.hasPublic,
  );
  const half = await readPublicHalf(folder, found.name, hasPublic);
  return armorPublicKey(half);
}
