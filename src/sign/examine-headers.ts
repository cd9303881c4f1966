import type { RpmPackage } from "../rpm/index.ts";
import { checkCoverage } from "./coverage-check.ts";
import { checkHeaderDigests } from "./header-digest-check.ts";
import { checkLead } from "./lead-check.ts";
import { fileContent } from "./package-content.ts";
import { announcedBytes, claimedDigests } from "./payload-observer.ts";
import { checkSignatureHeader } from "./signature-header-check.ts";
import type { Check } from "./verification.ts";

/**
 * Runs the checks of a package that need no byte of its payload. Digests of the payload count as correct.
 *
 * @param assumed  results that count as results of checks, but are not reported
 */
export async function examineHeaders(
  rpm: RpmPackage,
  { assumed }: { readonly assumed: readonly Check[] },
): Promise<Check[]> {
  const { lead, padding } = await fileContent(rpm);
  const checks = [
    checkLead(lead, rpm),
    checkSignatureHeader(rpm, padding),
    ...checkHeaderDigests(rpm),
  ];
  return [...checks, ...checkCoverage([...checks, ...claimedDigests(rpm), ...assumed])];
}

/** Returns whether the headers state the size of the file: only then a package that was cut off is recognized. */
export function hasStatedSize(rpm: RpmPackage): boolean {
  const { signature, header, fileSizeBytes, headerStart, headerEnd } = rpm;
  const both = announcedBytes(signature, "LONGSIZE") ?? announcedBytes(signature, "SIZE");
  if (both !== undefined) return both === fileSizeBytes - headerStart;
  return header.integers("PAYLOADSIZE")[0] === fileSizeBytes - headerEnd;
}
