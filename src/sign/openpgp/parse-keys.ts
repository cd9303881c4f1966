import { type Key, type PrivateKey, type PublicKey, readKeys } from "openpgp";
import { countOf } from "../../lib/count-of.ts";
import { ApplianceError } from "../../errors.ts";
import { formatSizes } from "../../lib/format-size.ts";
import { config } from "./config.ts";

/** Largest key file that is read. */
export const MAX_KEY_BYTES: number = 1024 * 1024;

const BLOCK =
  /-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[\s\S]*?-----END PGP \1 KEY BLOCK-----/g;

function badKey(origin: string, fact: string, cause?: unknown): ApplianceError {
  return new ApplianceError("SIGN_KEY_BAD", `${origin}: ${fact}`, {
    hint: "use an OpenPGP key as written by gpg --export, armored or binary",
    ...(cause === undefined ? {} : { cause }),
  });
}

async function parseKeys(content: Uint8Array, origin: string): Promise<Key[]> {
  if (content.length > MAX_KEY_BYTES) {
    const [found, most] = formatSizes(content.length, MAX_KEY_BYTES);
    throw badKey(origin, `${found}, expected a key of at most ${most}`);
  }
  try {
    if ((content[0] ?? 0) >= 0x80) return await readKeys({ binaryKeys: content, config });
    const blocks = Buffer.from(content).toString("latin1").match(BLOCK) ?? [];
    const keys = await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys, config })));
    return keys.flat();
  } catch (error) {
    // The parser's message can quote its input, which may be a secret key, so only the kind of error is reported.
    throw badKey(origin, "not a well-formed OpenPGP key", new Error(kindOf(error)));
  }
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

/**
 * Reads public keys, armored (several blocks are fine) or binary.
 *
 * @throws ApplianceError `SIGN_KEY_BAD` when there is none, one is not well-formed or of version 4, or one is secret
 */
export async function parsePublicKeys(content: Uint8Array, origin: string): Promise<PublicKey[]> {
  const keys = await parseKeys(content, origin);
  if (keys.length === 0) throw badKey(origin, "holds no OpenPGP key");
  if (keys.some((key) => key.isPrivate())) {
    throw badKey(origin, "holds a secret key, expected public keys only");
  }
  const other = keys.find((key) => key.keyPacket.version !== 4);
  if (other !== undefined) {
    throw badKey(origin, `holds a key of version ${other.keyPacket.version}, expected 4`);
  }
  return keys;
}

/**
 * Reads one secret key, armored or binary; it may be locked.
 *
 * @throws ApplianceError `SIGN_KEY_BAD` when there is not exactly one, or it is not well-formed or of version 4
 */
export async function parseSecretKey(content: Uint8Array, origin: string): Promise<PrivateKey> {
  const keys = await parseKeys(content, origin);
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw badKey(origin, `holds ${countOf(keys.length, "OpenPGP key")}, expected one`);
  }
  if (!key.isPrivate()) throw badKey(origin, "holds a public key, expected a secret one");
  if (key.keyPacket.version !== 4) {
    throw badKey(origin, `holds a key of version ${key.keyPacket.version}, expected 4`);
  }
  return key;
}
