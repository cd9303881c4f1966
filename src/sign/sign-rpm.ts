import { lstat, realpath } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import {
  type HeaderSignature,
  readRpm,
  replaceSignatures,
  rewriteSignatures,
  type RpmPackage,
  type SignatureTag,
} from "../rpm/index.ts";
import { refusePlanned } from "./planned-signer.ts";
import { refuseUnsignable } from "./refuse-unsignable.ts";
import type { Signer } from "./signer.ts";
import { keyIdOf, storedSignatures } from "./stored-signatures.ts";

/** An earlier signature of a package. */
export interface ReplacedSignature {
  /** The tag of the signature header that held it. */
  readonly tag: SignatureTag;
  /** Long id of its key, 16 lower-case hex digits; undefined if it names none. */
  readonly keyId: string | undefined;
}

/** Result of signing a package. */
export interface SignedRpm {
  readonly path: string;
  readonly fingerprint: string;
  /** True if the file was rewritten because it had no room for a signature, or had other names. */
  readonly rewritten: boolean;
  /** Removed signatures, except one by the same key in the same tag. */
  readonly replaced: readonly ReplacedSignature[];
}

/** Options for signing a package. */
export interface SignOptions {
  /** Creation time of the signature. Default: now. */
  readonly createdAt?: Date | undefined;
  /**
   * `read` compares the payload with its digests first. `unread`, the default, reads it only if the file has another
   * size than its headers state: the signature covers the digest of the payload, so verification finds damage.
   */
  readonly payload?: "read" | "unread";
}

function replacedBy(
  rpm: RpmPackage,
  signer: Signer,
  signature: HeaderSignature,
): ReplacedSignature[] {
  return storedSignatures(rpm)
    .map((stored) => ({ tag: stored.tag, keyId: keyIdOf(stored) }))
    .filter(({ tag, keyId }) => tag !== signature.tag || keyId !== signer.keyId);
}

/**
 * Signs a package with a header signature, which replaces all existing signatures: rpm 6 reads the tag OPENPGP first,
 * and would ignore this one if other signatures remained there. Only the signature header changes. A package that rpm
 * would refuse even when signed is not changed. A package without room for a signature, or with several names (hard
 * links, as in published repositories), is rewritten beside the old file and renamed.
 *
 * @throws ApplianceError `SIGN_RPM_CORRUPT` if the package does not match its own digests, `SIGN_RPM_INCOMPLETE` if it
 *   lacks one that rpm requires of signed packages, `RPM_MALFORMED`
 */
export async function signRpm(
  path: string,
  signer: Signer,
  context: Context,
  options: SignOptions = {},
): Promise<SignedRpm> {
  refusePlanned(signer);
  const rpm = await readRpm(path);
  const { createdAt = context.now(), payload = "unread" } = options;
  await refuseUnsignable(rpm, payload, context);
  const bytes = await signer.sign(rpm.header.raw, { createdAt });
  const signature: HeaderSignature = { tag: signer.algorithm === "RSA" ? "RSA" : "DSA", bytes };
  const rewritten = !(await replaceInPlace(path, signature));
  if (rewritten) await rewriteSignatures(path, [signature], context);
  const replaced = replacedBy(rpm, signer, signature);
  return { path, fingerprint: signer.fingerprint, rewritten, replaced };
}

/** Returns false, with the package unchanged, if it cannot be signed in place. */
async function replaceInPlace(path: string, signature: HeaderSignature): Promise<boolean> {
  try {
    const { nlink } = await lstat(await realpath(path));
    if (nlink > 1) return false;
    await replaceSignatures(path, [signature]);
    return true;
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "RPM_NO_SIGNATURE_SPACE") return false;
    throw fileError(error, path);
  }
}
