import { createHash } from "node:crypto";
import { fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { checkCoverage } from "./coverage-check.ts";
import { checkHeaderDigests } from "./header-digest-check.ts";
import { judgeSignature } from "./judge-signature.ts";
import type { PendingSignature } from "./judge-signature.ts";
import type { Keyring } from "./keyring.ts";
import { checkLead } from "./lead-check.ts";
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
  /** Of the whole package, where it has been read already. */
  readonly content?: Buffer | undefined;
}

async function readEdges(
  rpm: RpmPackage,
  content: Buffer | undefined,
): Promise<{ lead: Buffer; padding: Buffer }> {
  if (content !== undefined) {
    const paddingStart = rpm.signatureStart + rpm.signature.raw.length;
    return {
      lead: content.subarray(0, rpm.signatureStart),
      padding: content.subarray(paddingStart, rpm.headerStart),
    };
  }
  try {
    const handle = await openPlainFile(rpm.path);
    try {
      const lead = Buffer.alloc(rpm.signatureStart);
      await handle.read(lead, 0, lead.length, 0);
      const paddingStart = rpm.signatureStart + rpm.signature.raw.length;
      const padding = Buffer.alloc(rpm.headerStart - paddingStart);
      if (padding.length > 0) await handle.read(padding, 0, padding.length, paddingStart);
      return { lead, padding };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, rpm.path);
  }
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
  const { lead, padding } = await readEdges(rpm, options.content);
  const oddities = stored.flatMap(({ signature }) => signature.oddities);
  const signatures = await judgeSignatures(rpm, stored, options);
  const checks = [
    checkLead(lead, rpm),
    checkSignatureHeader(rpm, padding, oddities),
    ...checkHeaderDigests(rpm),
    ...signatures.checks,
    ...(await checkPayload(rpm, signatures.overPayload, options)),
  ];
  return [...checks, ...checkCoverage([...checks, ...assumed])];
}
