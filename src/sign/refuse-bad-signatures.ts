import { createHash } from "node:crypto";
import { ApplianceError } from "../errors.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { decodeLaxSignature } from "./signature-decode.ts";
import type { StoredSignature } from "./stored-signatures.ts";

/** Returns why no key can verify a signature; undefined if it may be correct, or covers the payload, which is not read. */
function faultOf(rpm: RpmPackage, { packet, signature }: StoredSignature): string | undefined {
  if ("check" in signature) {
    const { status, detail = "bad" } = signature.check;
    return status === "bad" ? detail : undefined;
  }
  const { what, hash, suffix } = signature.pending;
  if (what !== "header signature") return undefined;
  const digest = createHash(hash.node).update(rpm.header.raw).update(suffix).digest();
  if (digest.subarray(0, 2).equals(decodeLaxSignature(packet).digestStart)) return undefined;
  return "does not match the header";
}

/**
 * Refuses to keep signatures that make every rpm refuse the package. Without their keys, only a digest in the packet
 * shows that they do not match.
 *
 * @throws ApplianceError `SIGN_RPM_CORRUPT`
 */
export function refuseBadSignatures(rpm: RpmPackage, kept: readonly StoredSignature[]): void {
  for (const stored of kept) {
    const fault = faultOf(rpm, stored);
    if (fault === undefined) continue;
    throw new ApplianceError(
      "SIGN_RPM_CORRUPT",
      `${rpm.path}: signature in tag ${stored.tag}: ${fault}`,
      { hint: "sign without --add, which removes it, or sign --remove all" },
    );
  }
}
