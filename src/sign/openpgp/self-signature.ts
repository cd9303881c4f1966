import { enums } from "openpgp";
import type { PublicKey, SignaturePacket, Subkey } from "openpgp";

/** What a signature that a key made about itself is about. */
export interface SelfSignatureSubject {
  /** The library's name of the type; `certGeneric` stands for all four certifications. */
  readonly type:
    | "certGeneric"
    | "certRevocation"
    | "key"
    | "keyBinding"
    | "keyRevocation"
    | "subkeyBinding"
    | "subkeyRevocation";
  /** The packets that are signed, as the library wants to be given them. */
  readonly data: object;
}

function isOfType(signature: SignaturePacket, type: SelfSignatureSubject["type"]): boolean {
  const { certGeneric, certPersona, certCasual, certPositive } = enums.signature;
  const certifications = [certGeneric, certPersona, certCasual, certPositive];
  const expected = type === "certGeneric" ? certifications : [enums.signature[type]];
  return expected.some((one) => one === signature.signatureType);
}

/** True if a key made a signature about itself. Times are not looked at. */
export async function isMadeBy(
  signature: SignaturePacket,
  signer: PublicKey["keyPacket"] | Subkey["keyPacket"],
  { type, data }: SelfSignatureSubject,
): Promise<boolean> {
  // A key that names a revoker is good, although the library knows no such revocations.
  Object.assign(signature, { revocationKeyClass: null });
  const at = signature.created ?? new Date(0);
  if (!isOfType(signature, type)) return false;
  try {
    await signature.verify(signer, enums.signature[type], data, at);
    return true;
  } catch {
    return false;
  }
}
