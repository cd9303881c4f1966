import path from "node:path";
import { commandLine } from "../lib/command-line.ts";
import { ApplianceError } from "../errors.ts";
import { fileError, namesIn } from "../lib/atomic.ts";
import { formatSizes } from "../lib/format-size.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { MAX_KEY_BYTES, parseSecretKey, type PrivateKey } from "./openpgp/index.ts";

const PUBLIC_PREFIX = "RPM-GPG-KEY-";
const SECRET_SUFFIX = ".secret.asc";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Returns whether a text is a valid key name. It becomes part of file names, also in repositories. */
export function isKeyName(name: string): boolean {
  return NAME.test(name) && !name.endsWith(SECRET_SUFFIX);
}

/** Paths of the two halves of a named key. */
export function keyPaths(
  folder: string,
  name: string,
): { readonly publicPath: string; readonly secretPath: string } {
  return {
    publicPath: path.join(folder, `${PUBLIC_PREFIX}${name}`),
    secretPath: path.join(folder, `${name}${SECRET_SUFFIX}`),
  };
}

/** Returns the names of all keys in a folder, sorted, with the existing halves; empty if the folder does not exist. */
export async function keyNames(
  folder: string,
): Promise<{ readonly name: string; readonly hasPublic: boolean; readonly hasSecret: boolean }[]> {
  const files = await namesIn(folder);
  const publics = new Set(
    files
      .filter((file) => file.startsWith(PUBLIC_PREFIX))
      .map((file) => file.slice(PUBLIC_PREFIX.length)),
  );
  const secrets = new Set(
    files
      .filter((file) => file.endsWith(SECRET_SUFFIX))
      .map((file) => file.slice(0, -SECRET_SUFFIX.length)),
  );
  return [...new Set([...publics, ...secrets])]
    .filter(isKeyName)
    .sort()
    .map((name) => ({ name, hasPublic: publics.has(name), hasSecret: secrets.has(name) }));
}

/**
 * Reads a secret key, which may be locked, from a file that only its owner can read.
 *
 * @throws ApplianceError `SIGN_KEY_EXPOSED` if group or others have any permission on the file, `SIGN_KEY_BAD`
 */
export async function readSecretKey(file: string): Promise<PrivateKey> {
  let bytes: Buffer;
  try {
    const handle = await openPlainFile(file);
    try {
      const stats = await handle.stat();
      if ((stats.mode & 0o077) !== 0) {
        const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
        throw new ApplianceError(
          "SIGN_KEY_EXPOSED",
          `${file}: secret key has mode ${mode}, expected 0600`,
          {
            hint: `${commandLine("chmod", "600", file)}, and consider who could have copied it`,
          },
        );
      }
      if (stats.size > MAX_KEY_BYTES) {
        const [found, most] = formatSizes(stats.size, MAX_KEY_BYTES);
        throw new ApplianceError(
          "SIGN_KEY_BAD",
          `${file}: ${found}, expected a key of at most ${most}`,
        );
      }
      bytes = await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
  return parseSecretKey(bytes, file);
}
