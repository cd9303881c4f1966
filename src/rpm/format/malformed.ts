import { ApplianceError } from "../../errors.ts";

/**
 * Returns the error for bytes that violate the format.
 *
 * @param origin  path of the package, or another name for messages
 * @param offset  byte offset in the file
 * @param fact  the expected and the found value
 */
export function malformed(origin: string, offset: number, fact: string): ApplianceError {
  return new ApplianceError("RPM_MALFORMED", `${origin}: byte ${offset}: ${fact}`, {
    hint: "the package is damaged or not an RPM; fetch or build it again",
  });
}
