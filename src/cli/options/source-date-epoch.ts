import { ApplianceError } from "../../errors.ts";

/**
 * Returns SOURCE_DATE_EPOCH in Unix seconds, or undefined when it is not set.
 *
 * @throws ApplianceError `CLI_USAGE` when it is not a whole number that fits rpm's 32 bits
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */
export function sourceDateEpoch(
  environment: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const text = environment["SOURCE_DATE_EPOCH"];
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  if (!/^\d{1,10}$/.test(text) || seconds > 0xffff_ffff) {
    throw new ApplianceError(
      "CLI_USAGE",
      `SOURCE_DATE_EPOCH: "${text}", expected seconds since 1970, below 2^32`,
    );
  }
  return seconds;
}

/** Returns SOURCE_DATE_EPOCH as a date, or undefined when it is not set. */
export function dateOfEpoch(
  environment: Readonly<Record<string, string | undefined>>,
): Date | undefined {
  const seconds = sourceDateEpoch(environment);
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}
