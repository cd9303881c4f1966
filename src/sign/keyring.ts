import { readdir } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { formatSize } from "../lib/format-size.ts";
import { readSmallFile } from "../lib/plain-file.ts";
import { MAX_KEY_BYTES, parsePublicKeys, type PublicKey } from "./openpgp/index.ts";

/** Public keys for checking signatures. */
export interface Keyring {
  readonly keys: readonly PublicKey[];
}

/** Maximum number of key files that are read from one folder. */
const MAX_FILES = 1000;

/** Reads a small file. Refuses one that is too large for a key. */
export async function readKeyBytes(file: string): Promise<Buffer> {
  try {
    return await readSmallFile(file, { maxBytes: MAX_KEY_BYTES });
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "LIB_LIMIT_EXCEEDED") throw error;
    throw new ApplianceError(
      "SIGN_KEY_BAD",
      `${file}: not a key, larger than ${formatSize(MAX_KEY_BYTES)}`,
      { cause: error },
    );
  }
}

/**
 * Reads public keys from named text or bytes.
 *
 * @throws ApplianceError `SIGN_KEY_BAD` when there is none, one is not well-formed or of version 4, or one is secret
 */
export async function parseKeyring(content: Uint8Array, origin: string): Promise<Keyring> {
  return { keys: await parsePublicKeys(content, origin) };
}

async function filesOf(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => name.startsWith("RPM-GPG-KEY-")).sort();
    return names.slice(0, MAX_FILES).map((name) => path.join(folder, name));
  } catch (error) {
    throw fileError(error, folder);
  }
}

/**
 * Reads the public keys of files, and of every file of folders whose name starts with `RPM-GPG-KEY-`.
 *
 * @throws ApplianceError `SIGN_KEY_BAD` as {@link parseKeyring}, `LIB_IO` when a file or folder cannot be read
 */
export async function readKeyring(from: {
  readonly files?: readonly string[];
  readonly folders?: readonly string[];
}): Promise<Keyring> {
  const files = [...(from.files ?? [])];
  for (const folder of from.folders ?? []) files.push(...(await filesOf(folder)));
  const rings = await Promise.all(
    files.map(async (file) => parsePublicKeys(await readKeyBytes(file), file)),
  );
  return { keys: rings.flat() };
}
