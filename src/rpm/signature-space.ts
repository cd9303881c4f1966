import { ApplianceError } from "../errors.ts";

/** What a package reserves for signatures, in bytes. */
export const signatureSpace = {
  /** As rpmbuild. It holds two signatures by RSA-4096 keys, in all their tags, and two more. */
  byDefault: 4128,
  /** Less holds no signature by an RSA-4096 key. */
  smallest: 640,
  /** With more, the data of the signature header may exceed 8192 bytes, which is the most that rpm 4.14 reads. */
  largestForRpm414: 7984,
  /** With more, the data may exceed 64 KiB, which is the most that rpm 4.15 reads. */
  largest: 65_280,
} as const;

/**
 * Refuses space for signatures that no package can have.
 *
 * @throws ApplianceError `RPM_BAD_PLAN`
 */
export function refuseBadSpace(bytes: number | undefined): void {
  const { smallest, largest } = signatureSpace;
  if (bytes === undefined) return;
  if (Number.isSafeInteger(bytes) && bytes >= smallest && bytes <= largest) return;
  throw new ApplianceError(
    "RPM_BAD_PLAN",
    `space for signatures: ${bytes} bytes, expected ${smallest} to ${largest}`,
  );
}
