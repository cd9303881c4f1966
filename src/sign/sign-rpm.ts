import type { Context } from "../lib/context.ts";
import { formatOf } from "../rpm/index.ts";
import { changeSignatures } from "./change-signatures.ts";
import {
  type PackageSignature,
  packageSignatures,
  removedSignatures,
} from "./package-signature.ts";
import { planSignatures } from "./plan-signatures.ts";
import { refusePlanned } from "./planned-signer.ts";
import { refuseBadSignatures } from "./refuse-bad-signatures.ts";
import { refuseUnsignable } from "./refuse-unsignable.ts";
import type { Signer } from "./signer.ts";
import { keyIdOf, storedSignatures } from "./stored-signatures.ts";

/** Result of signing a package. */
export interface SignedRpm {
  readonly path: string;
  /** Of the first signer. */
  readonly fingerprint: string;
  /** True if the file was rewritten because it had no room for the signatures, or had other names. */
  readonly rewritten: boolean;
  /** Removed signatures, except one by the same key in the same tag. */
  readonly replaced: readonly PackageSignature[];
  /** Every signature that the package has now. */
  readonly signatures: readonly PackageSignature[];
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
  /** What happens to signatures by other keys. Default: `removed`. */
  readonly others?: "kept" | "removed";
}

/**
 * Signs a package with header signatures, by one key or several. By default they replace all existing signatures; an
 * earlier one by the same key is always replaced. Only the signature header changes. A package that rpm would refuse
 * even when signed is not changed. A package without room for the signatures, or with several names (hard links, as in
 * published repositories), is rewritten beside the old file and renamed.
 *
 * @param signers  the first one's signature is also in the tag that rpm before 6 reads, if no other is kept there
 * @throws ApplianceError `SIGN_RPM_CORRUPT` if the package does not match its own digests or its kept signatures,
 *   `SIGN_RPM_INCOMPLETE` if it lacks a digest that rpm requires of signed packages; `LIB_LOCKED` if another process
 *   signs it; `RPM_MALFORMED`, `RPM_NO_SIGNATURE_SPACE`
 */
export async function signRpm(
  path: string,
  signers: Signer | readonly [Signer, ...Signer[]],
  context: Context,
  options: SignOptions = {},
): Promise<SignedRpm> {
  const all: readonly [Signer, ...Signer[]] = "keyId" in signers ? [signers] : signers;
  for (const signer of all) refusePlanned(signer);
  const { createdAt = context.now(), payload = "unread", others = "removed" } = options;
  const { before, after, rewritten } = await changeSignatures(
    path,
    async (rpm) => {
      const stored = others === "removed" ? [] : storedSignatures(rpm);
      const kept = stored.filter((one) => !all.some(({ keyId }) => keyId === keyIdOf(one)));
      refuseBadSignatures(rpm, kept);
      await refuseUnsignable(rpm, { payload, isSigned: true }, context);
      const added: { keyId: string; bytes: Uint8Array }[] = [];
      for (const signer of all) {
        const bytes = await signer.sign(rpm.header.raw, { createdAt });
        added.push({ keyId: signer.keyId, bytes });
      }
      return planSignatures(stored, added, formatOf(rpm));
    },
    context,
  );
  return {
    path,
    fingerprint: all[0].fingerprint,
    rewritten,
    replaced: removedSignatures(before, after),
    signatures: packageSignatures(after),
  };
}
