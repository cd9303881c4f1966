import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { readRpm } from "../rpm/index.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { examineRpm } from "./examine-rpm.ts";
import type { Keyring } from "./keyring.ts";
import type { PackageContent } from "./package-content.ts";
import { storedSignatures } from "./stored-signatures.ts";
import { isTolerable } from "./verification.ts";
import type { Check, Tolerance } from "./verification.ts";

/** Everything that was checked in one package. */
export interface RpmVerification {
  readonly path: string;
  readonly checks: readonly Check[];
  /** Whether it has any signature that could be checked, good or not. */
  readonly signed: boolean;
  /** Whether rpm would accept it and, where one is asked for, there is a signature. */
  readonly ok: boolean;
}

/** How a package is verified, and what it may be like. */
export interface VerifyOptions extends Tolerance {
  readonly keyring: Keyring;
  /** `stored` leaves out the decompressed payload, which costs the most and changes no verdict of rpm's. */
  readonly payload?: "stored" | "expanded";
  /** The package where it has been read already, or is being read; the file is not looked at then. */
  readonly read?: { readonly rpm: RpmPackage; readonly content: PackageContent } | undefined;
}

const isSignature = ({ what, status }: Check): boolean =>
  what.endsWith("signature") && status !== "unchecked";

async function checkAll(
  path: string,
  options: VerifyOptions,
  context: Context,
): Promise<{ readonly checks: readonly Check[]; readonly signed: boolean }> {
  const { keyring, payload = "expanded", read } = options;
  const { rpm, content } = read ?? { rpm: await readRpm(path), content: undefined };
  const stored = storedSignatures(rpm);
  const checks = await examineRpm(rpm, { stored }, { keyring, context, payload, content });
  if (checks.some(isSignature)) return { checks, signed: true };
  const detail = "the package is not signed";
  return {
    checks: [...checks, { what: "header signature", status: "missing", detail }],
    signed: false,
  };
}

/**
 * Checks a package against every digest and every signature in it, each for itself, and against what no digest covers:
 * lead, layout of the signature header, reserved space, padding, sizes. The verdict is rpm's (`rpmkeys --checksig` with the
 * same keys); what rpm does not mind is reported as a deviation. The payload is read once and never kept. A package that
 * rpm could not read has one bad check, `format`, and no other.
 *
 * @throws ApplianceError `LIB_IO` when the file cannot be read, `LIB_INTERRUPTED`
 */
export async function verifyRpm(
  path: string,
  options: VerifyOptions,
  context: Context,
): Promise<RpmVerification> {
  try {
    const { checks, signed } = await checkAll(path, options, context);
    return { path, checks, signed, ok: checks.every((check) => isTolerable(check, options)) };
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "RPM_MALFORMED") throw error;
    const check: Check = { what: "format", status: "bad", detail: error.message };
    return { path, checks: [check], signed: false, ok: false };
  }
}
