"use strict";
// Loaded into mocha and its workers. A second after its last test, a worker is sent SIGTERM, even while it writes its
// coverage, which takes longer. With a handler, the signal waits until what runs has ended: a worker that is already
// exiting writes everything.
if (process.env.MOCHA_WORKER_ID !== undefined && process.env.NODE_V8_COVERAGE !== undefined) {
  process.once("SIGTERM", () => process.exit(143));
}
