const MIB = 1024 * 1024;

/** Returns a number with three digits that count: `0.0123`, `1.23`, `123`. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

/** Returns a ratio: `12.3x`. */
export function formatRatio(ratio: number): string {
  return `${digits(ratio)}x`;
}

/** Returns a time: `1.23 s`. */
export function formatSeconds(seconds: number): string {
  return `${digits(seconds)} s`;
}

/** Returns a size in MiB or GiB: `123 MiB`. */
export function formatBytes(bytes: number): string {
  return bytes < 1024 * MIB
    ? `${(bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0)} MiB`
    : `${(bytes / MIB / 1024).toFixed(1)} GiB`;
}
