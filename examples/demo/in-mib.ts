/** Renders a size: `12.4 MiB`. */
export function inMiB(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return `${mebibytes >= 100 ? mebibytes.toFixed(0) : mebibytes.toFixed(1)} MiB`;
}
