import { isMadeBy } from "./openpgp/index.ts";
import type { PublicKey, SelfSignatureSubject, SignaturePacket, Subkey } from "./openpgp/index.ts";

/** A part of a key: what the signatures over it can say. */
export interface Section {
  /** Good self-signatures that are in force, the newest first. */
  readonly signatures: readonly SignaturePacket[];
  readonly revocations: readonly SignaturePacket[];
}

/** Every good signature that a key made about itself, by what it is about. */
export interface SelfSignatures {
  /** Over the key alone. */
  readonly direct: Section;
  /** For each user id or picture: certifications and their revocations, of which the newest counts. */
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

/** Drops what has expired; the newest comes first, of equally old ones the last. */
function inForce(signatures: readonly SignaturePacket[], now: Date): SignaturePacket[] {
  const time = (one: SignaturePacket): number => one.created?.getTime() ?? 0;
  return signatures
    .filter((one) => one.getExpirationTime() > now)
    .toReversed()
    .sort((a, b) => time(b) - time(a));
}

/** Signatures over the key alone; the library's declarations leave this field out. */
export function directSignatures(key: PublicKey): SignaturePacket[] {
  const direct: unknown = Reflect.get(key, "directSignatures");
  return Array.isArray(direct) ? direct : [];
}

/** True if a subkey that is for signing agreed to be one: else anybody could claim its signatures as theirs. */
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

/** Returns the good self-signatures of a key that have not expired by now. */
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
