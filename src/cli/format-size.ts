const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Answers a size for people: three digits at least, in the largest unit that is not too large. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
