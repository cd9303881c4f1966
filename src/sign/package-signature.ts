import type { RpmPackage, SignatureTag } from "../rpm/index.ts";
import { keyIdOf, type StoredSignature, storedSignatures } from "./stored-signatures.ts";

/** A signature of a package. */
export interface PackageSignature {
  /** The tag of the signature header that holds it. */
  readonly tag: SignatureTag;
  /** Long id of its key, 16 lower-case hex digits; undefined if it names none. */
  readonly keyId: string | undefined;
}

function describe(stored: StoredSignature): PackageSignature {
  return { tag: stored.tag, keyId: keyIdOf(stored) };
}

/** Returns every signature of a package. A signature in two tags counts twice. */
export function packageSignatures(rpm: RpmPackage): PackageSignature[] {
  return storedSignatures(rpm).map(describe);
}

/** Returns the signatures that a package no longer has, except one whose key has another in the same tag. */
export function removedSignatures(before: RpmPackage, after: RpmPackage): PackageSignature[] {
  const now = packageSignatures(after);
  return packageSignatures(before).filter(
    (was) => !now.some(({ tag, keyId }) => tag === was.tag && keyId === was.keyId),
  );
}
