import type { SignatureTag } from "../rpm/index.ts";
import { judgeKeyAt, judgeKeyNow, type KeyVerdict } from "./judge-key.ts";
import { findPart } from "./key-facts.ts";
import { readKeyLife } from "./key-life.ts";
import type { Keyring } from "./keyring.ts";
import { type PublicKey, signatureFault } from "./openpgp/index.ts";
import { decodeSignature, issuerOf, SignaturePacketError } from "./signature-decode.ts";
import {
  encodeHashTrailer,
  type SignatureParts,
  signatureTypes,
  subpacketTypes,
} from "./signature-packet.ts";
import { type Check, type CheckSubject, type HashName, hashNames } from "./verification.ts";

/** Tolerated lead of the signer's clock over the local clock. */
const CLOCK_TOLERANCE_MS = 10 * 60 * 1000;

/** OpenPGP's signing algorithms, by number. */
const publicKeyNames: ReadonlyMap<number, string> = new Map([
  [1, "RSA"],
  [3, "RSA"],
  [17, "DSA"],
  [19, "ECDSA"],
  [22, "EdDSA"],
]);

/** Hashes with practical collisions. */
const weakHashes: ReadonlySet<string> = new Set(["md5", "sha1"]);

/** A well-formed signature, ready for comparison with the digest of the data that it covers. */
export interface PendingSignature {
  readonly what: CheckSubject;
  /** Where a package holds it. */
  readonly tag?: SignatureTag;
  readonly packet: Uint8Array;
  /** Hash to use over the data, then {@link PendingSignature.suffix}. */
  readonly hash: HashName;
  readonly suffix: Uint8Array;
  readonly keyId: string;
  readonly algorithm: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
}

function hashedSeconds(parts: SignatureParts, type: number): number | undefined {
  const found = parts.hashed.filter((subpacket) => subpacket.type === type);
  const [first] = found;
  if (first === undefined) return undefined;
  if (found.length > 1 || first.body.length !== 4) {
    throw new SignaturePacketError("has a time in an unknown form");
  }
  return Buffer.from(first.body).readUInt32BE(0);
}

function prepare(what: CheckSubject, packet: Uint8Array): PendingSignature {
  const parts = decodeSignature(packet);
  const keyName = publicKeyNames.get(parts.publicKeyAlgorithm);
  const hash = hashNames.get(parts.hashAlgorithm);
  const keyId = issuerOf(parts);
  const created = hashedSeconds(parts, subpacketTypes.creationTime);
  const lifetime = hashedSeconds(parts, subpacketTypes.expirationTime);
  if (parts.signatureType !== signatureTypes.binary) {
    throw new SignaturePacketError(`has type ${parts.signatureType}, expected 0 (binary)`);
  }
  if (keyName === undefined) {
    throw new SignaturePacketError(`has public-key algorithm ${parts.publicKeyAlgorithm}`);
  }
  if (hash === undefined) throw new SignaturePacketError(`has hash ${parts.hashAlgorithm}`);
  if (weakHashes.has(hash.node))
    throw new SignaturePacketError(`is over ${hash.label}, which can be forged`);
  if (keyId === undefined) throw new SignaturePacketError("does not name its key");
  if (created === undefined) throw new SignaturePacketError("has no creation time");
  return {
    what,
    packet,
    hash,
    suffix: Buffer.concat([parts.signedPart, encodeHashTrailer(parts.signedPart)]),
    keyId,
    algorithm: `${keyName}/${hash.label}`,
    createdAt: new Date(created * 1000),
    expiresAt: lifetime ? new Date((created + lifetime) * 1000) : undefined,
  };
}

/** Decodes a signature packet. Returns a failed check if it is not acceptable. */
export function prepareSignature(
  what: CheckSubject,
  packet: Uint8Array,
): PendingSignature | { readonly failed: Check } {
  try {
    return prepare(what, packet);
  } catch (error) {
    if (!(error instanceof SignaturePacketError)) throw error;
    return { failed: { what, status: "bad", detail: `signature packet ${error.message}` } };
  }
}

/** Program whose verdict is returned. */
export type SignatureRules =
  /** rpm uses the state of the key at signing time. */
  | "rpm"
  /** GnuPG, and therefore dnf and zypper, also use the current state of the key. */
  | "gpg";

/** Options for judging a signature. */
export interface JudgeOptions {
  readonly keyring: Keyring;
  readonly now: Date;
  /** Default: those of rpm. */
  readonly rules?: SignatureRules | undefined;
}

async function judgeState(
  pending: PendingSignature,
  key: PublicKey,
  { now, rules }: JudgeOptions,
): Promise<KeyVerdict> {
  const { createdAt, expiresAt, keyId } = pending;
  if (createdAt.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
    return { status: "bad", detail: `made in the future, at ${createdAt.toISOString()}` };
  }
  if (expiresAt !== undefined && expiresAt <= now) {
    return { status: "expired", detail: `signature expired at ${expiresAt.toISOString()}` };
  }
  const part = (await readKeyLife(key, now)).find((one) => one.keyId === keyId);
  if (part === undefined) throw new TypeError("a key lost one of its parts");
  const verdict =
    judgeKeyAt(part, createdAt) ?? (rules === "gpg" ? judgeKeyNow(part, now) : undefined);
  return verdict ?? { status: "ok", detail: key.getUserIDs()[0] ?? key.getFingerprint() };
}

/**
 * Compares a signature with the digest of the data that it covers.
 *
 * @param digest  digest of the data and the suffix, with the signature's hash algorithm
 */
export async function judgeSignature(
  pending: PendingSignature,
  digest: Uint8Array,
  options: JudgeOptions,
): Promise<Check> {
  const { what, algorithm, keyId, tag } = pending;
  const about = { what, algorithm, keyId, ...(tag === undefined ? {} : { tag }) };
  let fault: string | undefined;
  for (const key of options.keyring.keys) {
    const part = findPart(key, keyId);
    if (part === undefined) continue;
    fault = await signatureFault(part, pending.packet, digest);
    if (fault === undefined) return { ...about, ...(await judgeState(pending, key, options)) };
  }
  if (fault === undefined)
    return { ...about, status: "nokey", detail: "its key is not among the given keys" };
  return { ...about, status: "bad", detail: fault };
}
