import type { Release } from "./model.ts";

/** Type of an option's value; a flag takes none. */
export type ValueType =
  | { readonly kind: "flag" }
  | { readonly kind: "text"; readonly secret?: true }
  | { readonly kind: "integer" }
  | { readonly kind: "boolean" }
  /** Items separated by commas. */
  | { readonly kind: "list" }
  | { readonly kind: "choice"; readonly values: readonly string[] };

/** First release of each family for which something applies. */
export interface From {
  readonly F?: number;
  readonly RHEL?: number;
}

/** One option of a command or of a section's head. */
export interface OptionRow {
  readonly type: ValueType;
  /** Releases that support single values. Values are compared case-insensitively. */
  readonly values?: Readonly<Record<string, ValueTimes>>;
  /** Whether these are the only values that a known release of RHEL accepts. */
  readonly closed?: true;
  /** First releases that require the option. */
  readonly required?: From;
  readonly since?: From;
  readonly deprecated?: From;
  readonly removed?: From;
}

/** First releases that accept a value, and first releases that no longer do. */
export interface ValueTimes {
  readonly since?: From;
  readonly removed?: From;
}

/** Options by name, with the leading dashes. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

export const flag: OptionRow = { type: { kind: "flag" } };
export const text: OptionRow = { type: { kind: "text" } };
export const secret: OptionRow = { type: { kind: "text", secret: true } };
export const integer: OptionRow = { type: { kind: "integer" } };
export const boolean: OptionRow = { type: { kind: "boolean" } };
export const list: OptionRow = { type: { kind: "list" } };

/** Returns an option that is required in every release. */
export function required(row: OptionRow): OptionRow {
  return { ...row, required: { F: 0, RHEL: 0 } };
}

/** Returns an option that takes one of the given values. */
export function choice(...values: readonly string[]): OptionRow {
  return { type: { kind: "choice", values } };
}

/** Returns whether a release is the first one of its family or a later one. */
export function reached(from: From | undefined, release: Release): boolean {
  const first = from?.[release.family];
  return first !== undefined && release.number >= first;
}

/** Returns whether a release does not support something yet. */
export function isTooEarly(since: From | undefined, release: Release): boolean {
  return since !== undefined && !reached(since, release);
}

function timesOf(value: string, row: OptionRow): ValueTimes | undefined {
  const key = value.toLowerCase();
  return row.values !== undefined && Object.hasOwn(row.values, key) ? row.values[key] : undefined;
}

/** Returns the values that a release accepts, as text for messages. */
export function valuesIn(row: OptionRow, release: Release): string {
  const all = row.type.kind === "choice" ? row.type.values : Object.keys(row.values ?? {});
  const there = all.filter((value) => {
    const times = timesOf(value, row);
    return !reached(times?.removed, release) && !isTooEarly(times?.since, release);
  });
  return there.join(", ");
}

/** Returns the reason why a release does not support a value; undefined if it does. */
export function whyNotIn(value: string, row: OptionRow, release: Release): string | undefined {
  const times = timesOf(value, row);
  const where = `${release.family}${release.number}`;
  const isGone = reached(times?.removed, release);
  if (!isGone && !isTooEarly(times?.since, release)) return undefined;
  const fact = isGone ? `${where} does not support it` : `not yet supported in ${where}`;
  return `${value.toLowerCase()}: ${fact}, expected one of ${valuesIn(row, release)}`;
}

/** Returns the reason why a text does not match the type of an option; undefined if it does. */
export function mismatch(value: string, row: OptionRow, release: Release): string | undefined {
  const { type } = row;
  const found = `found "${value.slice(0, 80)}"`;
  switch (type.kind) {
    case "integer":
      return /^[+-]?\d+$/.test(value.trim()) ? undefined : `expected a whole number, ${found}`;
    case "boolean":
      return /^(on|off|yes|no|true|false|1|0)$/i.test(value)
        ? undefined
        : `expected yes or no, ${found}`;
    case "choice":
      return type.values.includes(value)
        ? undefined
        : `expected one of ${valuesIn(row, release)}, ${found}`;
    case "flag":
    case "text":
    case "list":
      break;
  }
  return undefined;
}
