import { createHash } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** The SHA-256 digest of content that arrives piece by piece. Disposing of it gives up. */
export interface PiecewiseDigest extends AsyncDisposable {
  /** Takes the next piece, whose memory may change once the promise is fulfilled. */
  update(piece: Uint8Array): Promise<void>;
  /** Returns the digest of all pieces, in lower-case hex. Nothing can be added afterwards. */
  finish(): Promise<string>;
}

/** Content of this size or more is hashed in a thread: starting one takes as long as hashing some 50 MB. */
const THREAD_BYTES = 256 * 1024 * 1024;

const SLOT_BYTES = 256 * 1024;
/** How many pieces may wait for the thread. */
const SLOTS = 8;

/** A thread that only hashes needs little; V8 reserves address space for far more by default. */
const LIMITS = {
  maxOldGenerationSizeMb: 32,
  maxYoungGenerationSizeMb: 8,
  codeRangeSizeMb: 16,
  stackSizeMb: 1,
} as const;

/** One processor is left for the rest of the work, where there are several. */
const MAX_THREADS = Math.max(1, availableParallelism() - 1);
let threads = 0;

/** JavaScript in a string, because the thread then needs no file of its own beside the bundle. */
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const hash = require("node:crypto").createHash("sha256");
parentPort.on("message", ({ start, length }) => {
  if (length > 0) hash.update(new Uint8Array(workerData, start, length));
  parentPort.postMessage(length > 0 ? undefined : hash.digest("hex"));
});
`;

/** Copies pieces to memory that it shares with a thread, which hashes them in turn. */
class ThreadDigest implements PiecewiseDigest {
  readonly #memory = new SharedArrayBuffer(SLOT_BYTES * SLOTS);
  readonly #worker = new Worker(PROGRAM, {
    eval: true,
    workerData: this.#memory,
    resourceLimits: LIMITS,
  });
  readonly #failure: Promise<never>;
  #sent = 0;
  #done = 0;
  #digest: string | undefined;
  #wake = (): void => {};

  constructor() {
    threads += 1;
    this.#worker.once("exit", () => (threads -= 1));
    this.#worker.on("message", (digest?: string) => {
      this.#done += 1;
      this.#digest = digest;
      this.#wake();
    });
    this.#failure = new Promise((_resolve, reject) => {
      this.#worker.once("error", reject);
      this.#worker.once("exit", () => reject(new Error("the thread that hashes has ended")));
    });
    // Awaited when there is something to wait for; the end of the thread at other times is no failure.
    this.#failure.catch(() => {});
  }

  /** Waits until the thread runs. */
  async start(): Promise<this> {
    await Promise.race([once(this.#worker, "online"), this.#failure]);
    return this;
  }

  async update(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; at += SLOT_BYTES) {
      const part = piece.subarray(at, at + SLOT_BYTES);
      while (this.#sent - this.#done === SLOTS) await this.#progress();
      const start = (this.#sent % SLOTS) * SLOT_BYTES;
      new Uint8Array(this.#memory, start, part.length).set(part);
      this.#send({ start, length: part.length });
    }
  }

  async finish(): Promise<string> {
    this.#send({ start: 0, length: 0 });
    while (this.#digest === undefined) await this.#progress();
    return this.#digest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #send(part: { readonly start: number; readonly length: number }): void {
    this.#sent += 1;
    this.#worker.postMessage(part);
  }

  /** Waits until the thread has done something. */
  async #progress(): Promise<void> {
    const next = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([next, this.#failure]);
  }
}

function digestInPlace(): PiecewiseDigest {
  const hash = createHash("sha256");
  return {
    update: async (piece) => void hash.update(piece),
    finish: async () => hash.digest("hex"),
    [Symbol.asyncDispose]: async () => {},
  };
}

/**
 * Begins a digest of content that arrives piece by piece. Large content is hashed in a thread, beside other work with
 * the pieces, if there is a processor for it and the system allows another thread.
 *
 * @param expectedBytes  the size of the content, if it is known
 * @param startThread  replaced by tests only
 */
export async function beginDigest(
  expectedBytes: number,
  startThread: () => Promise<PiecewiseDigest> = () => new ThreadDigest().start(),
): Promise<PiecewiseDigest> {
  if (expectedBytes < THREAD_BYTES || threads >= MAX_THREADS) return digestInPlace();
  try {
    return await startThread();
  } catch {
    // A limit of threads or memory. The thread only saves time.
    return digestInPlace();
  }
}
