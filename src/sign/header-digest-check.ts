import { createHash } from "node:crypto";
import type { RpmPackage } from "../rpm/index.ts";
import { type Check, compareDigest } from "./verification.ts";

/** Compares the main header with each of its digests, if any. */
export function checkHeaderDigests({ signature, header }: RpmPackage): Check[] {
  const checks: Check[] = [];
  for (const [tag, node, label] of [
    ["SHA3_256", "sha3-256", "SHA3-256"],
    ["SHA256", "sha256", "SHA-256"],
    ["SHA1", "sha1", "SHA-1"],
  ] as const) {
    const expected = signature.string(tag);
    if (expected === undefined) continue;
    const found = createHash(node).update(header.raw).digest("hex");
    checks.push(compareDigest("header digest", label, { expected, found }));
  }
  return checks;
}
