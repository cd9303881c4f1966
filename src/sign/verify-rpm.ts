import { createHash } from "node:crypto";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { readRpm } from "../rpm/index.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { judgeSignature, prepareSignature } from "./judge-signature.ts";
import type { PendingSignature } from "./judge-signature.ts";
import type { Keyring } from "./keyring.ts";
import { checkLead } from "./lead-check.ts";
import { checkPayload } from "./payload-check.ts";
import { checkHeaderDigests, checkSignatureHeader } from "./signature-header-check.ts";
import type { Check, CheckSubject } from "./verification.ts";

/** Everything that was checked in one package, in the order of the file. */
export interface RpmVerification {
  readonly path: string;
  readonly checks: readonly Check[];
  /** Whether it has any signature, good or not. */
  readonly signed: boolean;
  /** Whether every check went well, and, where one is asked for, there is a signature. */
  readonly ok: boolean;
}

/** How a package is verified. */
export interface VerifyOptions {
  readonly keyring: Keyring;
  /** Lets a package pass that has no signature; one that has must be good all the same. */
  readonly allowUnsigned?: boolean;
}

interface StoredSignature {
  readonly tag: "RSA" | "DSA" | "OPENPGP" | "PGP" | "GPG";
  readonly packet: Uint8Array;
}

function storedSignatures({ signature }: RpmPackage): StoredSignature[] {
  const stored: StoredSignature[] = [];
  for (const tag of ["DSA", "RSA", "PGP", "GPG"] as const) {
    const packet = signature.bytes(tag);
    if (packet !== undefined) stored.push({ tag, packet });
  }
  for (const text of signature.strings("OPENPGP")) {
    const packet = Buffer.from(text, "base64");
    // Lax base64 would let characters change unnoticed: what is not canonical is kept as text, and found bad.
    const canonical = packet.toString("base64") === text;
    stored.push({ tag: "OPENPGP", packet: canonical ? packet : Buffer.from(text) });
  }
  return stored;
}

const coversPayload = (tag: StoredSignature["tag"]): boolean => tag === "PGP" || tag === "GPG";

/** Rules out a signature in the tag of another kind of key: rpm takes the kind from the tag. */
function isInPlace(tag: StoredSignature["tag"], algorithm: string): boolean {
  if (tag === "OPENPGP") return true;
  return algorithm.startsWith("RSA/") === (tag === "RSA" || tag === "PGP");
}

function prepareAll(rpm: RpmPackage): {
  readonly header: PendingSignature[];
  readonly payload: PendingSignature[];
  readonly failed: Check[];
} {
  const sorted = {
    header: [] as PendingSignature[],
    payload: [] as PendingSignature[],
    failed: [] as Check[],
  };
  for (const { tag, packet } of storedSignatures(rpm)) {
    const what: CheckSubject = coversPayload(tag)
      ? "header and payload signature"
      : "header signature";
    const pending = prepareSignature(what, packet);
    if ("failed" in pending) sorted.failed.push(pending.failed);
    else if (!isInPlace(tag, pending.algorithm)) {
      const { algorithm, keyId } = pending;
      const detail = `stored in the tag ${tag}, which is for other keys`;
      sorted.failed.push({ what, algorithm, keyId, status: "bad", detail });
    } else (coversPayload(tag) ? sorted.payload : sorted.header).push(pending);
  }
  return sorted;
}

async function readEdges(rpm: RpmPackage): Promise<{ lead: Buffer; padding: Buffer }> {
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

async function checkAll(
  rpm: RpmPackage,
  keyring: Keyring,
  context: Context,
): Promise<{ readonly checks: Check[]; readonly signed: boolean }> {
  const { lead, padding } = await readEdges(rpm);
  const { header, payload, failed } = prepareAll(rpm);
  const checks = [
    checkLead(lead, rpm),
    checkSignatureHeader(rpm, padding),
    ...checkHeaderDigests(rpm),
    ...failed,
  ];
  for (const pending of header) {
    const digest = createHash(pending.hash.node)
      .update(rpm.header.raw)
      .update(pending.suffix)
      .digest();
    checks.push(await judgeSignature(pending, digest, { keyring, now: context.now() }));
  }
  const signed = header.length + payload.length + failed.length > 0;
  if (!signed) {
    checks.push({
      what: "header signature",
      status: "missing",
      detail: "the package is not signed",
    });
  }
  checks.push(...(await checkPayload(rpm, payload, { keyring, context })));
  return { checks, signed };
}

/**
 * Checks a package against every digest and every signature in it, each for itself, and against what no digest covers:
 * lead, layout of the signature header, reserved space, padding, sizes. The payload is read once and never kept.
 * A package that is no well-formed RPM has one bad check, `format`, and no other.
 *
 * @throws ApplianceError `LIB_IO` when the file cannot be read, `LIB_INTERRUPTED`
 */
export async function verifyRpm(
  path: string,
  options: VerifyOptions,
  context: Context,
): Promise<RpmVerification> {
  let rpm: RpmPackage;
  try {
    rpm = await readRpm(path);
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "RPM_MALFORMED") throw error;
    const check: Check = { what: "format", status: "bad", detail: error.message };
    return { path, checks: [check], signed: false, ok: false };
  }
  const { checks, signed } = await checkAll(rpm, options.keyring, context);
  const isTolerable = (check: Check): boolean =>
    check.status === "ok" ||
    check.status === "unchecked" ||
    (options.allowUnsigned === true &&
      check.what === "header signature" &&
      check.status === "missing");
  return { path, checks, signed, ok: checks.every(isTolerable) };
}
