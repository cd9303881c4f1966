import { ApplianceError } from "../../errors.ts";

/**
 * Makes the error for bytes that are not as the format wants them.
 *
 * @param origin  the package's path, or what else names it
 * @param offset  where in the file, in bytes
 * @param fact  what was expected and what was found
 */
export function malformed(origin: string, offset: number, fact: string): ApplianceError {
  return new ApplianceError("RPM_MALFORMED", `${origin}: byte ${offset}: ${fact}`, {
    hint: "the package is damaged or not an RPM; fetch or build it again",
  });
}
