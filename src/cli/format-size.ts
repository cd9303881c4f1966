const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Answers a size for people, in the largest unit that it fills: `512 B`, `1.5 GiB`, `120 MiB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  // A rate need not be whole, and what rounds to 1024 belongs to the next unit.
  if (Math.round(value) === 1024 && unit < units.length - 1) {
    value = 1;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
