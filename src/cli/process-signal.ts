import { ApplianceError } from "../errors.ts";

/**
 * A signal that is aborted by SIGINT, SIGTERM and SIGHUP; a second one ends the process at once. SIGXFSZ, which a limit
 * on the size of files (`ulimit -f`) sends, no longer ends it: the write fails with EFBIG. Node ignores it too, but
 * execa's clean-up would end the process for every signal that nobody else listens to.
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
