/*
 * The state of a key from its self-signatures, as GnuPG and rpm read them: in each section (the key itself, a user id,
 * a subkey) the newest valid self-signature applies to the key's whole life. So a key whose expiry was extended was
 * never expired, and its earlier signatures remain valid. If several user ids differ, the newest one with a value
 * applies (gpg 2.2 merge_selfsigs_main; rpm 4.19 pgpPrtParamsPubkey and pgpPrtParamsSubkeys).
 */
import type { PublicKey, SignaturePacket } from "./openpgp/index.ts";
import {
  isCrossSigned,
  readSelfSignatures,
  type Section,
  type SelfSignatures,
} from "./self-signatures.ts";
import { algorithmOf, unsupportedCurve, weaknessOf } from "./key-strength.ts";

/** The revocation of a key or subkey. */
export interface Revocation {
  /** `superseded`, `retired`, `compromised` or `no reason given`. */
  readonly reason: string;
  /** Time from which signatures are invalid. Undefined: all are invalid, because the secret half may be compromised. */
  readonly since: Date | undefined;
}

/** The state of a primary key or a subkey. */
export interface PartLife {
  /** 40 lower-case hex digits. */
  readonly fingerprint: string;
  readonly keyId: string;
  readonly isPrimary: boolean;
  /** `RSA-4096`, `Ed25519`, or OpenPGP's name of another kind. */
  readonly algorithm: string;
  readonly createdAt: Date;
  /** Undefined if it never expires. A subkey ends at the latest with its primary key. */
  readonly expiresAt: Date | undefined;
  readonly revocation: Revocation | undefined;
  /** True if it may sign data. */
  readonly isForSigning: boolean;
  /** Why all its signatures are invalid; continues "the key". */
  readonly fault: string | undefined;
  /** The newest signature that binds it to a user id, or to its primary key. */
  readonly selfSignature: SignaturePacket | undefined;
}

/** RFC 9580, 5.2.3.31. After a soft revocation, earlier signatures remain valid. */
const reasons: ReadonlyMap<number, { readonly reason: string; readonly isSoft: boolean }> = new Map(
  [
    [1, { reason: "superseded", isSoft: true }],
    [2, { reason: "compromised", isSoft: false }],
    [3, { reason: "retired", isSoft: true }],
  ],
);

const SIGN_DATA = 0x02;

function revocationOf(signatures: readonly SignaturePacket[]): Revocation | undefined {
  const all = signatures.map(({ reasonForRevocationFlag: flag, created }): Revocation => {
    const known = flag === null ? undefined : reasons.get(flag);
    if (known?.isSoft === true) return { reason: known.reason, since: created ?? new Date(0) };
    return { reason: known?.reason ?? "no reason given", since: undefined };
  });
  // A hard revocation takes precedence, then the earliest.
  const [first] = all.sort((a, b) => (a.since?.getTime() ?? -1) - (b.since?.getTime() ?? -1));
  return first;
}

function expiryOf(signature: SignaturePacket | undefined, createdAt: Date): Date | undefined {
  const seconds = signature?.keyNeverExpires === false ? signature.keyExpirationTime : null;
  return seconds === null ? undefined : new Date(createdAt.getTime() + seconds * 1000);
}

function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** Returns the newest certification of each user id that is not revoked, newest first. */
function certifications({ users }: SelfSignatures): SignaturePacket[] {
  const time = (one: SignaturePacket | undefined): number => one?.created?.getTime() ?? -1;
  return users
    .flatMap(({ signatures, revocations }) => {
      const [newest] = signatures;
      return newest !== undefined && time(newest) > time(revocations[0]) ? [newest] : [];
    })
    .sort((a, b) => time(b) - time(a));
}

function primaryLife(key: PublicKey, self: SelfSignatures): PartLife {
  const [direct] = self.direct.signatures;
  const certified = certifications(self);
  const createdAt = key.getCreationTime();
  const spoken = [...(direct === undefined ? [] : [direct]), ...certified];
  const flags = spoken.find((one) => one.keyFlags !== null)?.keyFlags;
  const expiring = spoken.find((one) => expiryOf(one, createdAt) !== undefined);
  return {
    ...identity(key, true),
    createdAt,
    expiresAt: expiryOf(expiring, createdAt),
    revocation: revocationOf(self.direct.revocations),
    // Packagers' keys from before 2010 have no flags, and rpm uses them anyway.
    isForSigning: flags === undefined || flags === null || ((flags[0] ?? 0) & SIGN_DATA) !== 0,
    fault:
      unsupportedCurve(key.keyPacket) ??
      (spoken.length === 0 ? "has no valid self-signature" : weaknessOf(key.keyPacket)),
    selfSignature: certified[0] ?? direct,
  };
}

function identity(
  part: PublicKey | PublicKey["subkeys"][number],
  isPrimary: boolean,
): Pick<PartLife, "fingerprint" | "keyId" | "isPrimary" | "algorithm"> {
  return {
    fingerprint: part.getFingerprint(),
    keyId: part.getKeyID().toHex(),
    isPrimary,
    algorithm: algorithmOf(part.keyPacket),
  };
}

async function subkeyLife(
  key: PublicKey,
  part: PublicKey["subkeys"][number],
  { primary, section }: { readonly primary: PartLife; readonly section: Section | undefined },
): Promise<PartLife> {
  const binding = section?.signatures[0];
  const createdAt = part.getCreationTime();
  const flags = binding?.keyFlags;
  const isForSigning = flags !== undefined && flags !== null && ((flags[0] ?? 0) & SIGN_DATA) !== 0;
  let fault = primary.fault ?? weaknessOf(part.keyPacket);
  const unsupported = unsupportedCurve(part.keyPacket) ?? unsupportedCurve(key.keyPacket);
  if (unsupported !== undefined) fault = unsupported;
  else if (binding === undefined) fault = "has no valid binding signature";
  else if (isForSigning && !(await isCrossSigned(key, part, binding))) {
    fault = "is not cross-certified: it may belong to another key";
  }
  return {
    ...identity(part, false),
    createdAt,
    expiresAt: earlier(primary.expiresAt, expiryOf(binding, createdAt)),
    revocation: primary.revocation ?? revocationOf(section?.revocations ?? []),
    isForSigning,
    fault,
    selfSignature: binding,
  };
}

/** Returns the state of a key and each of its subkeys, the primary key first. */
export async function readKeyLife(
  key: PublicKey,
  now: Date,
): Promise<readonly [PartLife, ...PartLife[]]> {
  const self = await readSelfSignatures(key, now);
  const primary = primaryLife(key, self);
  const subkeys: PartLife[] = [];
  for (const part of key.subkeys) {
    const section = self.subkeys.get(part.getFingerprint());
    subkeys.push(await subkeyLife(key, part, { primary, section }));
  }
  return [primary, ...subkeys];
}
