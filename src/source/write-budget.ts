import { ApplianceError } from "../errors.ts";
import type { SourceLimits } from "./model.ts";

/** Data that any source may write, however small it is. */
const FREE_BYTES = 1024 ** 3;

/** Answers a function that counts bytes going to the disk, and throws when a source of this size expands to too many. */
export function makeWriteBudget(
  origin: string,
  sizeBytes: number,
  limits: SourceLimits,
): (bytes: number) => void {
  const allowed = Math.min(
    limits.maxExpandedBytes,
    Math.max(FREE_BYTES, sizeBytes * limits.maxRatio),
  );
  let written = 0;
  return (bytes) => {
    written += bytes;
    if (written > allowed) {
      throw new ApplianceError(
        "LIB_LIMIT_EXCEEDED",
        `${origin}: its ${sizeBytes} bytes expand to more than the ${allowed} bytes of data allowed`,
        { hint: "raise the limit if you trust this file" },
      );
    }
  };
}
