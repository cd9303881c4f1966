import type { RpmPackage, SignatureTag } from "../rpm/index.ts";
import { readRpmSignature, type RpmSignature, subjectOf } from "./rpm-signature.ts";

/** A signature in a package, and where it is. */
export interface StoredSignature {
  readonly tag: SignatureTag;
  readonly packet: Buffer;
  readonly signature: RpmSignature;
}

/** Returns every signature that a package holds, in the order in which they are reported. */
export function storedSignatures({ signature }: RpmPackage): StoredSignature[] {
  const stored: StoredSignature[] = [];
  for (const tag of ["DSA", "RSA", "PGP", "GPG"] as const) {
    const packet = signature.bytes(tag);
    if (packet !== undefined)
      stored.push({ tag, packet, signature: readRpmSignature(tag, packet) });
  }
  for (const text of signature.strings("OPENPGP")) {
    const packet = Buffer.from(text, "base64");
    // Lax base64 would allow undetected changes of characters, and different readers would see different signatures.
    if (packet.toString("base64") === text) {
      stored.push({ tag: "OPENPGP", packet, signature: readRpmSignature("OPENPGP", packet) });
      continue;
    }
    const check = {
      what: subjectOf("OPENPGP"),
      status: "bad",
      tag: "OPENPGP",
      detail: "signature is not in canonical base64",
    } as const;
    stored.push({ tag: "OPENPGP", packet, signature: { oddities: [], check } });
  }
  return stored;
}

/** Returns the long key id in a signature; undefined if it has none. */
export function keyIdOf({ signature }: StoredSignature): string | undefined {
  return "pending" in signature ? signature.pending.keyId : signature.check.keyId;
}
