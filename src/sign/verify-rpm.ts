import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { readRpm, type RpmPackage } from "../rpm/index.ts";
import { examineRpm } from "./examine-rpm.ts";
import type { Keyring } from "./keyring.ts";
import type { PackageContent } from "./package-content.ts";
import { storedSignatures } from "./stored-signatures.ts";
import { type Check, isTolerable, type Tolerance } from "./verification.ts";

/** All checks of one package. */
export interface RpmVerification {
  readonly path: string;
  readonly checks: readonly Check[];
  /** True if it has a signature that could be checked, valid or not. */
  readonly signed: boolean;
  /** True if rpm would accept it and it has a signature if one is required. */
  readonly ok: boolean;
}

/** Options for verifying a package. */
export interface VerifyOptions extends Tolerance {
  readonly keyring: Keyring;
  /** `stored` skips the decompressed payload, which takes the most time and does not change rpm's verdict. */
  readonly payload?: "stored" | "expanded";
  /** A package that was already read, or is being read; its file is then not opened. */
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
 * Checks every digest and every signature of a package, and the parts that no digest covers: lead, layout of the
 * signature header, reserved space, padding, sizes. The verdict is rpm's (`rpmkeys --checksig` with the same keys).
 * Differences that rpm accepts are reported as deviations. The payload is read once and not kept in memory. A package
 * that rpm cannot read has only one check, the failed `format`.
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
