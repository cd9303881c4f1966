import { lstat, realpath } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { readRpm, replaceSignatures, rewriteSignatures } from "../rpm/index.ts";
import type { HeaderSignature, RpmPackage } from "../rpm/index.ts";
import { refusePlanned } from "./planned-signer.ts";
import { refuseUnsignable } from "./refuse-unsignable.ts";
import type { Signer } from "./signer.ts";
import { keyIdOf, storedSignatures } from "./stored-signatures.ts";

/** A signature that a package had before it was signed. */
export interface ReplacedSignature {
  /** The tag of the signature header that held it. */
  readonly tag: "RSA" | "DSA" | "OPENPGP" | "PGP" | "GPG";
  /** Long id of the key that made it, 16 lower-case hex digits; undefined when it names none. */
  readonly keyId: string | undefined;
}

/** How a package was signed. */
export interface SignedRpm {
  readonly path: string;
  readonly fingerprint: string;
  /** Whether the file had to be written anew: it had no room for a signature, or other names. */
  readonly rewritten: boolean;
  /** Signatures that the package no longer has, but for one of the same key in the same place. */
  readonly replaced: readonly ReplacedSignature[];
}

/** How a package is to be signed. */
export interface SignOptions {
  /** The time that the signature tells; default: the present. */
  readonly createdAt?: Date | undefined;
  /** `unread` for a package that was built just now, whose payload need not be compared with its digest again. */
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
 * Signs a package with a header signature, in place of all that it has: rpm 6 looks at those of the tag OPENPGP first, and
 * with those of other keys left there, it would not look at this one. Only bytes of the signature header change. A package
 * that rpm would refuse although it is signed is left as it is. One without room for a signature, and one that has several
 * names (hard links, as published repositories have), is written anew beside and renamed.
 *
 * @throws ApplianceError `SIGN_RPM_CORRUPT` when the package does not match its own digests, `SIGN_RPM_INCOMPLETE` when it
 *   lacks one that rpm demands of signed packages, `RPM_MALFORMED`
 */
export async function signRpm(
  path: string,
  signer: Signer,
  context: Context,
  options: SignOptions = {},
): Promise<SignedRpm> {
  refusePlanned(signer);
  const rpm = await readRpm(path);
  const { createdAt = context.now(), payload = "read" } = options;
  await refuseUnsignable(rpm, payload, context);
  const bytes = await signer.sign(rpm.header.raw, { createdAt });
  const signature: HeaderSignature = { tag: signer.algorithm === "RSA" ? "RSA" : "DSA", bytes };
  const rewritten = !(await replaceInPlace(path, signature));
  if (rewritten) await rewriteSignatures(path, [signature], context);
  const replaced = replacedBy(rpm, signer, signature);
  return { path, fingerprint: signer.fingerprint, rewritten, replaced };
}

/** Returns false, with the package as it was, when it cannot be done in place. */
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
