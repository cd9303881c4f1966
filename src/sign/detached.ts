import { createHash } from "node:crypto";
import { decodeArmor, encodeArmor } from "./armor.ts";
import { type JudgeOptions, judgeSignature, prepareSignature } from "./judge-signature.ts";
import type { SignatureDates, Signer } from "./signer.ts";
import type { Check } from "./verification.ts";

/** Maximum length of a detached signature. */
const MAX_SIGNATURE_CHARACTERS = 64 * 1024;

/**
 * Returns an armored detached signature, like `repomd.xml.asc`. After its expiry, clients refuse the signed data until
 * it is signed again.
 */
export async function signDetached(
  bytes: Uint8Array,
  signer: Signer,
  dates: SignatureDates,
): Promise<string> {
  return encodeArmor("SIGNATURE", await signer.sign(bytes, dates));
}

/**
 * Checks an armored detached signature. Call it before parsing the signed bytes. Accepts exactly one signature, in
 * armor that GnuPG 2.2 can read. By default the verdict is GnuPG's. rpm's rules also accept a key that expired or was
 * retired after signing, and armor without a checksum.
 *
 * @returns one check, which passed only if its status is `ok`
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
