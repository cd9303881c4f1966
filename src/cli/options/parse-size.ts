import { ApplianceError } from "../../errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/**
 * Returns a size in bytes from text such as `512M` or `2TiB`; units are powers of 1024.
 *
 * @throws ApplianceError `CLI_USAGE`, with the name of the option
 */
export function parseSize(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const unit = UNITS[(match?.[2] ?? "?").toUpperCase()];
  const bytes = Math.round(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw new ApplianceError(
      "CLI_USAGE",
      `${option}: "${text}", expected a size such as 512M or 20G`,
    );
  }
  return bytes;
}
