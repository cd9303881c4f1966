import { createHash } from "node:crypto";
import { decodeArmor, encodeArmor } from "./armor.ts";
import { judgeSignature, prepareSignature } from "./judge-signature.ts";
import type { JudgeOptions } from "./judge-signature.ts";
import type { SignatureDates, Signer } from "./signer.ts";
import type { Check } from "./verification.ts";

/** Most text that is read as a detached signature. */
const MAX_SIGNATURE_CHARACTERS = 64 * 1024;

/**
 * Returns an armored detached signature, as it lies beside `repomd.xml`.
 * With an expiry, clients refuse what it covers from then on, until it is signed again.
 */
export async function signDetached(
  bytes: Uint8Array,
  signer: Signer,
  dates: SignatureDates,
): Promise<string> {
  return encodeArmor("SIGNATURE", await signer.sign(bytes, dates));
}

/**
 * Checks an armored detached signature; to be called before the bytes are parsed. Exactly one signature is accepted, in
 * armor that GnuPG 2.2 can read. The verdict is GnuPG's, unless rpm's rules are asked for: those do not mind that the key
 * expired or was retired since, nor that the armor lacks a checksum.
 *
 * @returns one check, good only when its status is `ok`
 */
export async function verifyDetached(
  bytes: Uint8Array,
  armored: string,
  options: JudgeOptions,
): Promise<Check> {
  const about = { what: "signature", status: "bad" } as const;
  if (armored.length > MAX_SIGNATURE_CHARACTERS) {
    return { ...about, detail: `longer than ${MAX_SIGNATURE_CHARACTERS} characters` };
  }
  const checksum = options.rules === "rpm" ? "optional" : "needed";
  const packet = decodeArmor("SIGNATURE", armored, { checksum });
  if ("fault" in packet) {
    return { ...about, detail: `not a signature that clients can read: ${packet.fault}` };
  }
  const pending = prepareSignature("signature", packet);
  if ("failed" in pending) return pending.failed;
  const digest = createHash(pending.hash.node).update(bytes).update(pending.suffix).digest();
  return judgeSignature(pending, digest, { ...options, rules: options.rules ?? "gpg" });
}
