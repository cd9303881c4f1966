import { createHash } from "node:crypto";
import type { Context } from "../lib/context.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { checkCoverage } from "./coverage-check.ts";
import { checkHeaderDigests } from "./header-digest-check.ts";
import { judgeSignature, type PendingSignature } from "./judge-signature.ts";
import type { Keyring } from "./keyring.ts";
import { checkLead } from "./lead-check.ts";
import { fileContent, type PackageContent } from "./package-content.ts";
import { checkPayload } from "./payload-check.ts";
import { checkSignatureHeader } from "./signature-header-check.ts";
import type { StoredSignature } from "./stored-signatures.ts";
import type { Check } from "./verification.ts";

/** Options for examining a package. */
export interface ExaminationOptions {
  readonly keyring: Keyring;
  readonly context: Context;
  /** Whether the payload is only read, which is enough for rpm's verdict, or also decompressed. */
  readonly payload: "stored" | "expanded";
  /** Content that was already read or is being read. Default: the package's file. */
  readonly content?: PackageContent | undefined;
}

async function judgeHeaderSignature(
  rpm: RpmPackage,
  pending: PendingSignature,
  { keyring, context }: ExaminationOptions,
): Promise<Check> {
  const hash = createHash(pending.hash.node).update(rpm.header.raw);
  const digest = hash.update(pending.suffix).digest();
  return judgeSignature(pending, digest, { keyring, now: context.now() });
}

/** Checks every signature except those over the payload, which must be read first. */
async function judgeSignatures(
  rpm: RpmPackage,
  stored: readonly StoredSignature[],
  options: ExaminationOptions,
): Promise<{ readonly checks: Check[]; readonly overPayload: PendingSignature[] }> {
  const checks: Check[] = [];
  const overPayload: PendingSignature[] = [];
  for (const { signature } of stored) {
    if ("check" in signature) checks.push(signature.check);
    else if (signature.pending.what === "header and payload signature") {
      overPayload.push(signature.pending);
    } else checks.push(await judgeHeaderSignature(rpm, signature.pending, options));
  }
  return { checks, overPayload };
}

/**
 * Runs every check on a package, and finally checks that signatures and digests cover everything that rpm requires.
 *
 * @param stored  the signatures to check
 * @param assumed  results that count as results of checks, but are not reported
 */
export async function examineRpm(
  rpm: RpmPackage,
  {
    stored,
    assumed = [],
  }: { readonly stored: readonly StoredSignature[]; readonly assumed?: readonly Check[] },
  options: ExaminationOptions,
): Promise<Check[]> {
  const content = options.content ?? (await fileContent(rpm));
  const oddities = stored.flatMap(({ signature }) => signature.oddities);
  const signatures = await judgeSignatures(rpm, stored, options);
  const checks = [
    checkLead(content.lead, rpm),
    checkSignatureHeader(rpm, content.padding, oddities),
    ...checkHeaderDigests(rpm),
    ...signatures.checks,
    ...(await checkPayload(rpm, signatures.overPayload, { ...options, content })),
  ];
  return [...checks, ...checkCoverage([...checks, ...assumed])];
}
