import {
  isMadeBy,
  type PublicKey,
  type SelfSignatureSubject,
  type SignaturePacket,
  type Subkey,
} from "./openpgp/index.ts";

/** A part of a key and the self-signatures over it. */
export interface Section {
  /** Valid self-signatures in force, newest first. */
  readonly signatures: readonly SignaturePacket[];
  readonly revocations: readonly SignaturePacket[];
}

/** Every valid self-signature of a key, by its subject. */
export interface SelfSignatures {
  /** Over the key alone. */
  readonly direct: Section;
  /** For each user id or picture: certifications and their revocations; the newest applies. */
  readonly users: readonly Section[];
  readonly subkeys: ReadonlyMap<string, Section>;
}

async function goodOnes(
  signatures: readonly SignaturePacket[],
  signer: PublicKey["keyPacket"],
  subject: SelfSignatureSubject,
): Promise<SignaturePacket[]> {
  const good: SignaturePacket[] = [];
  for (const one of signatures) if (await isMadeBy(one, signer, subject)) good.push(one);
  return good;
}

/** Drops expired signatures; sorts newest first, and equally old ones last first. */
function inForce(signatures: readonly SignaturePacket[], now: Date): SignaturePacket[] {
  const time = (one: SignaturePacket): number => one.created?.getTime() ?? 0;
  return signatures
    .filter((one) => one.getExpirationTime() > now)
    .toReversed()
    .sort((a, b) => time(b) - time(a));
}

/** Signatures over the key itself; the library does not declare this field. */
export function directSignatures(key: PublicKey): SignaturePacket[] {
  const direct: unknown = Reflect.get(key, "directSignatures");
  return Array.isArray(direct) ? direct : [];
}

/** True if a signing subkey is cross-certified. Without that, anyone could claim its signatures. */
export async function isCrossSigned(
  key: PublicKey,
  part: Subkey,
  binding: SignaturePacket,
): Promise<boolean> {
  const back = binding.embeddedSignature;
  if (back === null) return false;
  const data = { key: key.keyPacket, bind: part.keyPacket };
  return isMadeBy(back, part.keyPacket, { type: "keyBinding", data });
}

/** Returns the valid self-signatures of a key that have not expired. */
export async function readSelfSignatures(key: PublicKey, now: Date): Promise<SelfSignatures> {
  const { keyPacket: primary } = key;
  const good = async (
    all: readonly SignaturePacket[],
    type: SelfSignatureSubject["type"],
    data: object,
  ) => inForce(await goodOnes(all, primary, { type, data: { key: primary, ...data } }), now);
  const users: Section[] = [];
  for (const user of key.users) {
    const { userID, userAttribute } = user;
    users.push({
      signatures: await good(user.selfCertifications, "certGeneric", { userID, userAttribute }),
      revocations: await good(user.revocationSignatures, "certRevocation", {
        userID,
        userAttribute,
      }),
    });
  }
  const subkeys = new Map<string, Section>();
  for (const part of key.subkeys) {
    const bind = { bind: part.keyPacket };
    subkeys.set(part.getFingerprint(), {
      signatures: await good(part.bindingSignatures, "subkeyBinding", bind),
      revocations: await good(part.revocationSignatures, "subkeyRevocation", bind),
    });
  }
  const direct = {
    signatures: await good(directSignatures(key), "key", {}),
    revocations: await good(key.revocationSignatures, "keyRevocation", {}),
  };
  return { direct, users, subkeys };
}
