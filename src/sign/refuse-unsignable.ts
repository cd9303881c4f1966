import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { examineHeaders, hasStatedSize } from "./examine-headers.ts";
import { examineRpm } from "./examine-rpm.ts";
import { type Check, isTolerable } from "./verification.ts";

function problem(path: string, { what, algorithm, status, detail }: Check): ApplianceError {
  const subject = algorithm === undefined ? what : `${algorithm} ${what}`;
  const message = `${path}: ${subject}: ${detail ?? status}`;
  if (status === "missing") {
    return new ApplianceError("SIGN_RPM_INCOMPLETE", message, {
      hint: "rpm refuses a signed package like this; build it again with rpm 4.14 or later",
    });
  }
  return new ApplianceError("SIGN_RPM_CORRUPT", message, {
    hint: "a signature would vouch for damage; build or fetch the package again",
  });
}

/** What becomes of a package. */
interface SigningRequest {
  /** `unread`: the payload is read only if the file has another size than its headers state. */
  readonly payload: "read" | "unread";
  /** Whether the package will have a signature. */
  readonly isSigned: boolean;
}

async function findChecks(
  rpm: RpmPackage,
  { payload, isSigned }: SigningRequest,
  context: Context,
): Promise<Check[]> {
  const assumed: Check[] = isSigned ? [{ what: "header signature", status: "ok" }] : [];
  if (payload === "unread" && hasStatedSize(rpm)) return examineHeaders(rpm, { assumed });
  const options = { keyring: { keys: [] }, context, payload: "stored" } as const;
  return examineRpm(rpm, { stored: [], assumed }, options);
}

/**
 * Refuses a package that rpm would not accept with its future signatures.
 *
 * @throws ApplianceError `SIGN_RPM_CORRUPT`, `SIGN_RPM_INCOMPLETE`; `LIB_IO`, `LIB_INTERRUPTED`
 */
export async function refuseUnsignable(
  rpm: RpmPackage,
  request: SigningRequest,
  context: Context,
): Promise<void> {
  const checks = await findChecks(rpm, request, context);
  const fault = checks.find((check) => !isTolerable(check, {}));
  if (fault !== undefined) throw problem(rpm.path, fault);
}
