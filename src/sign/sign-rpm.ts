import { lstat, realpath } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { readRpm, replaceSignatures, rewriteSignatures } from "../rpm/index.ts";
import type { HeaderSignature, RpmPackage } from "../rpm/index.ts";
import { checkHeaderDigests } from "./signature-header-check.ts";
import type { Signer } from "./signer.ts";

/** How a package was signed. */
export interface SignedRpm {
  readonly path: string;
  readonly fingerprint: string;
  /** Whether the file had to be written anew: it had no room for a signature, or other names. */
  readonly rewritten: boolean;
}

function refuseCorrupt(rpm: RpmPackage): void {
  const fault = checkHeaderDigests(rpm).find(({ status }) => status !== "ok");
  if (fault === undefined) return;
  const fact = fault.algorithm === undefined ? "" : `${fault.algorithm} digest of the header: `;
  throw new ApplianceError(
    "SIGN_RPM_CORRUPT",
    `${rpm.path}: ${fact}${fault.detail ?? "is missing"}`,
    {
      hint: "a signature would vouch for damage; build or fetch the package again",
    },
  );
}

/**
 * Signs a package with a header signature, in place of any it has. Only bytes of the signature header change, and the
 * payload is not read: its digest is in the header that is signed. A package without room for a signature, and one that
 * has several names (hard links, as published repositories have), is written anew beside and renamed.
 *
 * @param options.createdAt  the time that the signature tells; the present one without it
 * @throws ApplianceError `SIGN_RPM_CORRUPT` when the header does not match its own digest, `RPM_MALFORMED`
 */
export async function signRpm(
  path: string,
  signer: Signer,
  context: Context,
  options: { readonly createdAt?: Date | undefined } = {},
): Promise<SignedRpm> {
  const rpm = await readRpm(path);
  refuseCorrupt(rpm);
  const bytes = await signer.sign(rpm.header.raw, {
    createdAt: options.createdAt ?? context.now(),
  });
  const signature: HeaderSignature = { tag: signer.algorithm === "RSA" ? "RSA" : "DSA", bytes };
  const rewritten = !(await replaceInPlace(path, signature));
  if (rewritten) await rewriteSignatures(path, [signature], context);
  return { path, fingerprint: signer.fingerprint, rewritten };
}

/** Answers false, with the package as it was, when it cannot be done in place. */
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
