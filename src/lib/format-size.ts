const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Returns a human-readable size, in the largest unit of which it is at least 1: `512 B`, `1.5 GiB`, `120 MiB`. */
export function formatSize(bytes: number | bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  // A rate may be fractional; a value that rounds to 1024 belongs to the next unit.
  if (Math.round(value) === 1024 && unit < units.length - 1) {
    value = 1;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/**
 * Returns two sizes to be compared, such as free and required space. They are exact if rounding would hide the
 * difference.
 */
export function formatSizes(
  one: number | bigint,
  other: number | bigint,
): readonly [string, string] {
  const texts = [formatSize(one), formatSize(other)] as const;
  const isHidden = one !== other && texts[0] === texts[1];
  const areSizes = [one, other].every((size) => Number.isInteger(Number(size)) && size >= 0);
  return isHidden || !areSizes ? [`${one} bytes`, `${other} bytes`] : texts;
}
