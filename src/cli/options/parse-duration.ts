import { ApplianceError } from "../../errors.ts";

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Returns a time span in milliseconds: `90s`, `30m`, `12h`, `7d`, `2w`; `0` needs no unit.
 *
 * @param option  name of the option, for the message
 * @throws ApplianceError `CLI_USAGE`
 */
export function parseDuration(text: string, option: string): number {
  const [, digits = "", unit = ""] = /^([0-9]{1,6})([smhdw]?)$/.exec(text) ?? [];
  const factor = unitMs[unit] ?? (Number(digits) === 0 ? 1 : undefined);
  if (digits !== "" && factor !== undefined) return Number(digits) * factor;
  throw new ApplianceError(
    "CLI_USAGE",
    `${option}: "${text}", expected 0, 90s, 30m, 12h, 7d or 2w`,
  );
}
