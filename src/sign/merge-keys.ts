import { parsePublicKeys, type PublicKey, type SignaturePacket } from "./openpgp/index.ts";
import { directSignatures } from "./self-signatures.ts";

function addMissing(target: SignaturePacket[], more: readonly SignaturePacket[]): void {
  const known = new Set(target.map((one) => Buffer.from(one.write()).toString("base64")));
  target.push(...more.filter((one) => !known.has(Buffer.from(one.write()).toString("base64"))));
}

function sameUser(a: PublicKey["users"][number], b: PublicKey["users"][number]): boolean {
  const bytes = ({ userID, userAttribute }: typeof a): Buffer =>
    Buffer.from((userID ?? userAttribute)?.write() ?? []);
  return (a.userID === null) === (b.userID === null) && bytes(a).equals(bytes(b));
}

/** Returns a key with the additional packets of another copy. Does not change either copy, and verifies nothing. */
export async function mergeKeys(one: PublicKey, other: PublicKey): Promise<PublicKey> {
  const [merged] = await parsePublicKeys(one.toPublic().write(), "a key");
  const [more] = await parsePublicKeys(other.toPublic().write(), "a key");
  if (merged === undefined || more === undefined)
    throw new TypeError("a merged key cannot be read");
  addMissing(merged.revocationSignatures, more.revocationSignatures);
  addMissing(directSignatures(merged), directSignatures(more));
  for (const user of more.users) {
    const known = merged.users.find((candidate) => sameUser(candidate, user));
    if (known === undefined) merged.users.push(user);
    else {
      addMissing(known.selfCertifications, user.selfCertifications);
      addMissing(known.revocationSignatures, user.revocationSignatures);
    }
  }
  for (const part of more.subkeys) {
    const fingerprint = part.getFingerprint();
    const known = merged.subkeys.find((candidate) => candidate.getFingerprint() === fingerprint);
    if (known === undefined) merged.subkeys.push(part);
    else {
      addMissing(known.bindingSignatures, part.bindingSignatures);
      addMissing(known.revocationSignatures, part.revocationSignatures);
    }
  }
  return merged;
}
