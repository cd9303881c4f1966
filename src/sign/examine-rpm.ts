import { createHash } from "node:crypto";
import type { Context } from "../lib/context.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { checkCoverage } from "./coverage-check.ts";
import { checkHeaderDigests } from "./header-digest-check.ts";
import { judgeSignature } from "./judge-signature.ts";
import type { PendingSignature } from "./judge-signature.ts";
import type { Keyring } from "./keyring.ts";
import { checkLead } from "./lead-check.ts";
import { fileContent } from "./package-content.ts";
import type { PackageContent } from "./package-content.ts";
import { checkPayload } from "./payload-check.ts";
import { checkSignatureHeader } from "./signature-header-check.ts";
import type { StoredSignature } from "./stored-signatures.ts";
import type { Check } from "./verification.ts";

/** How a package is examined. */
export interface ExaminationOptions {
  readonly keyring: Keyring;
  readonly context: Context;
  /** Whether the payload is only read, which is all that rpm's verdict needs, or also decompressed. */
  readonly payload: "stored" | "expanded";
  /** Where it has been read already, or is being read; default: the package's file. */
  readonly content?: PackageContent | undefined;
}

/** Tells of a signature that only rpm 6 looks at where it stands. */
function inPlace(tag: StoredSignature["tag"], check: Check): Check {
  if (tag !== "OPENPGP" || check.status === "ok") return check;
  return { ...check, detail: `${check.detail ?? check.status} (tag OPENPGP, of rpm 6)` };
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

/** Judges every signature but those that cover the payload, which come to nothing before it is read. */
async function judgeSignatures(
  rpm: RpmPackage,
  stored: readonly StoredSignature[],
  options: ExaminationOptions,
): Promise<{ readonly checks: Check[]; readonly overPayload: PendingSignature[] }> {
  const checks: Check[] = [];
  const overPayload: PendingSignature[] = [];
  for (const { tag, signature } of stored) {
    if ("check" in signature) checks.push(inPlace(tag, signature.check));
    else if (signature.pending.what === "header and payload signature") {
      overPayload.push(signature.pending);
    } else checks.push(inPlace(tag, await judgeHeaderSignature(rpm, signature.pending, options)));
  }
  return { checks, overPayload };
}

/**
 * Checks everything in a package, each thing for itself, and at last whether together they cover what rpm wants covered.
 *
 * @param stored  the signatures to look at
 * @param assumed  results that count as if they had come out of a check, without being reported
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
