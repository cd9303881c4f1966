import { type PartLife, readKeyLife } from "./key-life.ts";
import type { PrivateKey, PublicKey } from "./openpgp/index.ts";

/** Facts about a subkey. */
export interface SubkeyFacts {
  /** 40 lower-case hex digits. */
  readonly fingerprint: string;
  readonly keyId: string;
  readonly algorithm: string;
  readonly createdAt: Date;
  /** Undefined if it never expires; never later than the primary key's. */
  readonly expiresAt: Date | undefined;
  readonly revoked: boolean;
  readonly signs: boolean;
}

/** Facts about a key, which need no secret half. */
export interface KeyFacts {
  /** 40 lower-case hex digits. */
  readonly fingerprint: string;
  /** The last 16 digits of the fingerprint, as used in signatures. */
  readonly keyId: string;
  readonly userIds: readonly string[];
  /** Algorithm of the primary key: `RSA-4096`, `Ed25519`, or OpenPGP's name of another kind. */
  readonly algorithm: string;
  readonly createdAt: Date;
  /** Undefined if it never expires. */
  readonly expiresAt: Date | undefined;
  readonly revoked: boolean;
  readonly subkeys: readonly SubkeyFacts[];
}

/** State of a key at some moment. */
export type KeyState = "valid" | "expired" | "revoked" | "not yet valid" | "unusable";

/** Returns facts about a key at the given moment. */
export async function describeKey(key: PublicKey, at: Date): Promise<KeyFacts> {
  const [primary, ...subkeys] = await readKeyLife(key, at);
  const { fingerprint, keyId, algorithm, createdAt, expiresAt } = primary;
  return {
    fingerprint,
    keyId,
    userIds: key.getUserIDs(),
    algorithm,
    createdAt,
    expiresAt,
    revoked: isRevokedAt(primary, at),
    subkeys: subkeys.map((part) => ({
      fingerprint: part.fingerprint,
      keyId: part.keyId,
      algorithm: part.algorithm,
      createdAt: part.createdAt,
      expiresAt: part.expiresAt,
      revoked: isRevokedAt(part, at),
      signs: part.isForSigning,
    })),
  };
}

/** Returns the primary key or subkey with this id; undefined if there is none. */
export function findPart(
  key: PublicKey | PrivateKey,
  keyId: string,
): ReturnType<PublicKey["getKeys"]>[number] | undefined {
  return key.getKeys().find((part) => part.getKeyID().toHex() === keyId);
}

function isRevokedAt({ revocation }: PartLife, at: Date): boolean {
  if (revocation === undefined) return false;
  return revocation.since === undefined || revocation.since <= at;
}

/**
 * Returns whether a part of a key could sign at the given moment: it existed, was neither expired nor revoked, is bound
 * to its owner, is a signing key and is strong enough. A compromised part never could.
 */
export function partStateAt(part: PartLife, at: Date): KeyState {
  if (part.createdAt > at) return "not yet valid";
  if (isRevokedAt(part, at)) return "revoked";
  if (part.expiresAt !== undefined && part.expiresAt <= at) return "expired";
  return part.isForSigning && part.fault === undefined ? "valid" : "unusable";
}
