import { ApplianceError } from "../errors.ts";
import { formatSize } from "../lib/format-size.ts";
import type { SourceLimits } from "./model.ts";

/** Returns a function that counts written bytes, and throws if a source of this size expands to too many. */
export function makeWriteBudget(
  origin: string,
  sizeBytes: number,
  limits: SourceLimits,
): (bytes: number) => void {
  const allowed = Math.min(
    limits.maxExpandedBytes,
    Math.max(limits.ratioFreeBytes, sizeBytes * limits.maxRatio),
  );
  let written = 0;
  return (bytes) => {
    written += bytes;
    if (written > allowed) {
      throw new ApplianceError(
        "LIB_LIMIT_EXCEEDED",
        `${origin}: its ${formatSize(sizeBytes)} expand to more than ${formatSize(allowed)} of data`,
        { hint: "raise the limit (--max-size) if you trust this file" },
      );
    }
  };
}
