import { enums, type PublicKey, type SignaturePacket, type Subkey } from "openpgp";

/** Subject of a self-signature. */
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
  /** The signed packets, in the form for the library. */
  readonly data: object;
}

function isOfType(signature: SignaturePacket, type: SelfSignatureSubject["type"]): boolean {
  const { certGeneric, certPersona, certCasual, certPositive } = enums.signature;
  const certifications = [certGeneric, certPersona, certCasual, certPositive];
  const expected = type === "certGeneric" ? certifications : [enums.signature[type]];
  return expected.some((one) => one === signature.signatureType);
}

/** True if a key made this self-signature. Does not check times. */
export async function isMadeBy(
  signature: SignaturePacket,
  signer: PublicKey["keyPacket"] | Subkey["keyPacket"],
  { type, data }: SelfSignatureSubject,
): Promise<boolean> {
  // A key with a designated revoker is valid, although the library does not support such revocations.
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
