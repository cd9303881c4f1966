import { ApplianceError } from "../errors.ts";

/**
 * Throws if the signal was aborted. Called once per chunk of work.
 *
 * @throws ApplianceError `LIB_INTERRUPTED`, with the subject in the message
 */
export function throwIfInterrupted(signal: AbortSignal | undefined, subject: string): void {
  if (signal?.aborted === true) {
    throw new ApplianceError("LIB_INTERRUPTED", `${subject}: interrupted`, {
      cause: signal.reason,
    });
  }
}
