import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { examineHeaders, hasStatedSize } from "./examine-headers.ts";
import { examineRpm } from "./examine-rpm.ts";
import { type Check, isTolerable } from "./verification.ts";

/** The future signature of the package. */
const assumed: Check = { what: "header signature", status: "ok" };

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

async function findChecks(
  rpm: RpmPackage,
  payload: "read" | "unread",
  context: Context,
): Promise<Check[]> {
  if (payload === "unread" && hasStatedSize(rpm))
    return examineHeaders(rpm, { assumed: [assumed] });
  const options = { keyring: { keys: [] }, context, payload: "stored" } as const;
  return examineRpm(rpm, { stored: [], assumed: [assumed] }, options);
}

/**
 * Refuses a package that rpm would not accept even when signed.
 *
 * @param payload  `unread`: the payload is read only if the file has another size than its headers state
 * @throws ApplianceError `SIGN_RPM_CORRUPT`, `SIGN_RPM_INCOMPLETE`; `LIB_IO`, `LIB_INTERRUPTED`
 */
export async function refuseUnsignable(
  rpm: RpmPackage,
  payload: "read" | "unread",
  context: Context,
): Promise<void> {
  const checks = await findChecks(rpm, payload, context);
  const fault = checks.find((check) => !isTolerable(check, {}));
  if (fault !== undefined) throw problem(rpm.path, fault);
}
