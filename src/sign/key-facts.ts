import type { PrivateKey, PublicKey } from "./openpgp.ts";

/** What one can say of a key without using it. */
export interface KeyFacts {
  /** 40 lower-case hex digits. */
  readonly fingerprint: string;
  /** The last 16 digits of the fingerprint: what signatures name. */
  readonly keyId: string;
  readonly userIds: readonly string[];
  /** Of the primary key: `RSA-4096`, `Ed25519`, or OpenPGP's name of another kind. */
  readonly algorithm: string;
  readonly createdAt: Date;
  /** Undefined when it never expires. */
  readonly expiresAt: Date | undefined;
  readonly revoked: boolean;
}

/** Whether a key could have signed at some moment. */
export type KeyState = "valid" | "expired" | "revoked" | "not yet valid" | "unusable";

/** Answers what can be said of a key, at the given moment. */
export async function describeKey(key: PublicKey, at: Date): Promise<KeyFacts> {
  const { algorithm, bits } = key.getAlgorithmInfo();
  const expiration = await key.getExpirationTime();
  const names: Readonly<Record<string, string>> = { eddsaLegacy: "Ed25519", ed25519: "Ed25519" };
  return {
    fingerprint: key.getFingerprint(),
    keyId: key.getKeyID().toHex(),
    userIds: key.getUserIDs(),
    algorithm: algorithm.startsWith("rsa") ? `RSA-${bits}` : (names[algorithm] ?? algorithm),
    createdAt: key.getCreationTime(),
    expiresAt: expiration instanceof Date ? expiration : undefined,
    revoked: await key.isRevoked(undefined, undefined, at),
  };
}

/** Answers the key that has this id, the primary one or a subkey; undefined when none has. */
export function findPart(
  key: PublicKey,
  keyId: string,
): ReturnType<PublicKey["getKeys"]>[number] | undefined {
  return key.getKeys().find((part) => part.getKeyID().toHex() === keyId);
}

/** Answers when the key, or its subkey with this id, stops to be good: whichever ends first. */
export async function endOfKey(
  key: PublicKey | PrivateKey,
  keyId: string,
): Promise<Date | undefined> {
  const ends = [await key.getExpirationTime(), await findPart(key, keyId)?.getExpirationTime()];
  const [first] = ends
    .filter((end) => end instanceof Date)
    .sort((a, b) => a.getTime() - b.getTime());
  return first;
}

/**
 * Answers whether the key, or its subkey with this id, could sign at the given moment: it existed, was neither expired
 * nor revoked, is bound to its owner, is for signing and long enough. A key revoked because it was stolen never could.
 */
export async function keyStateAt(
  key: PublicKey | PrivateKey,
  keyId: string,
  at: Date,
): Promise<KeyState> {
  const part = findPart(key, keyId);
  if (part === undefined) return "unusable";
  if (part.getCreationTime() > at) return "not yet valid";
  if (await key.isRevoked(undefined, undefined, at)) return "revoked";
  if ("mainKey" in part) {
    const [binding] = part.bindingSignatures;
    if (binding && (await part.isRevoked(binding, key.keyPacket, at))) return "revoked";
  }
  const end = await endOfKey(key, keyId);
  if (end !== undefined && end <= at) return "expired";
  try {
    await key.getSigningKey(part.getKeyID(), at);
    return "valid";
  } catch {
    return "unusable";
  }
}
