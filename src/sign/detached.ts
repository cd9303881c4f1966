import { createHash } from "node:crypto";
import { judgeSignature, prepareSignature } from "./judge-signature.ts";
import type { Keyring } from "./keyring.ts";
import { armorSignature, unarmorSignature } from "./openpgp.ts";
import type { SignatureDates, Signer } from "./signer.ts";
import type { Check } from "./verification.ts";

/** Most text that is read as a detached signature. */
const MAX_SIGNATURE_CHARACTERS = 64 * 1024;

/**
 * Answers an armored detached signature, as it lies beside `repomd.xml`.
 * With an expiry, clients refuse what it covers from then on, until it is signed again.
 */
export async function signDetached(
  bytes: Uint8Array,
  signer: Signer,
  dates: SignatureDates,
): Promise<string> {
  return armorSignature(await signer.sign(bytes, dates));
}

/**
 * Checks an armored detached signature; to be called before the bytes are parsed. Exactly one signature is accepted.
 *
 * @returns one check, good only when its status is `ok`
 */
export async function verifyDetached(
  bytes: Uint8Array,
  armored: string,
  options: { readonly keyring: Keyring; readonly now: Date },
): Promise<Check> {
  const packet =
    armored.length > MAX_SIGNATURE_CHARACTERS ? undefined : await unarmorSignature(armored);
  if (packet === undefined) {
    return { what: "signature", status: "bad", detail: "not an armored OpenPGP signature" };
  }
  const pending = prepareSignature("signature", packet);
  if ("failed" in pending) return pending.failed;
  const digest = createHash(pending.hash.node).update(bytes).update(pending.suffix).digest();
  return judgeSignature(pending, digest, options);
}
