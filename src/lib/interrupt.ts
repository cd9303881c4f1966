import { ApplianceError } from "../errors.ts";

/**
 * Returns unless the signal was aborted; called once per chunk of work.
 *
 * @throws ApplianceError `LIB_INTERRUPTED`, naming the subject
 */
export function throwIfInterrupted(signal: AbortSignal | undefined, subject: string): void {
  if (signal?.aborted === true) {
    throw new ApplianceError("LIB_INTERRUPTED", `${subject}: interrupted`, {
      cause: signal.reason,
    });
  }
}
