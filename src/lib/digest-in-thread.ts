import { Worker } from "node:worker_threads";
import { ApplianceError } from "../errors.ts";

/** Plain JavaScript, so that the thread needs no file of ours in any form that the program comes in. */
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { createHash } = require("node:crypto");
const { openSync, readSync } = require("node:fs");
const hash = createHash("sha256");
const buffer = Buffer.allocUnsafe(4 * 1024 * 1024);
const file = openSync(workerData, "r");
for (let bytes; (bytes = readSync(file, buffer, 0, buffer.length, null)) > 0;) {
  hash.update(buffer.subarray(0, bytes));
}
parentPort.postMessage(hash.digest("hex"));
`;

/** A digest that is being made. */
export interface ThreadDigest extends AsyncDisposable {
  /** SHA-256 in lower-case hex. */
  readonly digest: Promise<string>;
}

/**
 * Begins to read a plain file in a thread of its own, beside what else is done with it: a digest of gigabytes takes
 * seconds of a processor.
 *
 * @returns disposing of it ends the thread
 */
export function digestInThread(file: string): ThreadDigest {
  const worker = new Worker(PROGRAM, { eval: true, workerData: file });
  const digest = new Promise<string>((resolve, reject) => {
    const fail = (cause?: Error): void =>
      reject(new ApplianceError("LIB_IO", `${file}: cannot be read`, { cause }));
    worker.once("message", resolve);
    worker.once("error", fail);
    worker.once("exit", () => fail());
  });
  // Awaited by the caller, or not at all when something else fails first.
  digest.catch(() => undefined);
  return {
    digest,
    async [Symbol.asyncDispose](): Promise<void> {
      await worker.terminate();
    },
  };
}
