import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { formatOf, type RpmPackage } from "../rpm/index.ts";
import { changeSignatures } from "./change-signatures.ts";
import {
  type PackageSignature,
  packageSignatures,
  removedSignatures,
} from "./package-signature.ts";
import { planSignatures } from "./plan-signatures.ts";
import { refuseBadSignatures } from "./refuse-bad-signatures.ts";
import { refuseUnsignable } from "./refuse-unsignable.ts";
import { keyIdOf, type StoredSignature, storedSignatures } from "./stored-signatures.ts";

/** Result of removing signatures from a package. */
export interface UnsignedRpm {
  readonly path: string;
  /** True if the file was rewritten because it had other names. */
  readonly rewritten: boolean;
  readonly removed: readonly PackageSignature[];
  /** Every signature that the package has now. */
  readonly signatures: readonly PackageSignature[];
}

/** Returns whether an id names the key of a signature. */
function isBy(stored: StoredSignature, id: string): boolean {
  // The long id is the end of the fingerprint of a key of OpenPGP version 4.
  return keyIdOf(stored) === id.toLowerCase().slice(-16);
}

function refuseUnknown(rpm: RpmPackage, keys: readonly string[]): void {
  const stored = storedSignatures(rpm);
  const unknown = keys.find((id) => !stored.some((one) => isBy(one, id)));
  if (unknown === undefined) return;
  throw new ApplianceError("SIGN_NO_SIGNATURE", `${rpm.path}: no signature by the key ${unknown}`, {
    details: packageSignatures(rpm).map(
      ({ tag, keyId }) => `signed by ${keyId ?? "an unknown key"} (tag ${tag})`,
    ),
  });
}

/**
 * Removes signatures from a package, in place. Those that remain are moved to the tags that rpm reads first.
 *
 * @param keys  fingerprints or long ids of keys whose signatures are removed
 * @throws ApplianceError `SIGN_NO_SIGNATURE` if the package has none by one of the keys; as `signRpm`
 */
export async function removeSignatures(
  path: string,
  keys: readonly string[] | "all",
  context: Context,
): Promise<UnsignedRpm> {
  const { before, after, rewritten } = await changeSignatures(
    path,
    async (rpm) => {
      if (keys !== "all") refuseUnknown(rpm, keys);
      const kept =
        keys === "all"
          ? []
          : storedSignatures(rpm).filter((one) => !keys.some((id) => isBy(one, id)));
      refuseBadSignatures(rpm, kept);
      await refuseUnsignable(rpm, { payload: "unread", isSigned: kept.length > 0 }, context);
      return planSignatures(kept, [], formatOf(rpm));
    },
    context,
  );
  return {
    path,
    rewritten,
    removed: removedSignatures(before, after),
    signatures: packageSignatures(after),
  };
}
