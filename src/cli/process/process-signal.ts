import { ApplianceError } from "../../errors.ts";

/**
 * Returns an abort signal that SIGINT, SIGTERM and SIGHUP abort; a second one ends the process at once.
 * SIGXFSZ, which the file size limit (`ulimit -f`) sends, is ignored, so that the write fails with EFBIG. Node ignores
 * it too, but execa's clean-up would end the process on every signal that has no other listener.
 */
export function processSignal(): AbortSignal {
  const controller = new AbortController();
  process.on("SIGXFSZ", () => {});
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new ApplianceError("LIB_INTERRUPTED", "interrupted"));
    });
  }
  return controller.signal;
}
