import { createHash } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** The SHA-256 digest of content that arrives in pieces. Disposal cancels the computation. */
export interface PiecewiseDigest extends AsyncDisposable {
  /** Adds the next piece. The caller may change its memory once the promise is fulfilled. */
  update(piece: Uint8Array): Promise<void>;
  /** Returns the digest of all pieces, in lower-case hex. No piece can be added afterwards. */
  finish(): Promise<string>;
}

/** Minimum size of content that is hashed in a thread: starting a thread takes as long as hashing about 50 MB. */
const THREAD_BYTES = 256 * 1024 * 1024;

const SLOT_BYTES = 256 * 1024;
/** Maximum number of pieces that wait for the thread. */
const SLOTS = 8;

/** Shared counters: pieces sent, pieces hashed, 1 if the other side waits for progress; then the length in each slot. */
const [SENT, DONE, WAITING, LENGTHS] = [0, 1, 2, 3];
const SLOTS_START = 64;

/** A thread that only hashes needs little memory; by default V8 reserves much more address space. */
const LIMITS = {
  maxOldGenerationSizeMb: 32,
  maxYoungGenerationSizeMb: 8,
  codeRangeSizeMb: 16,
  stackSizeMb: 1,
} as const;

/** On machines with several processors, one is left for the other work. */
const MAX_THREADS = Math.max(1, availableParallelism() - 1);
let threads = 0;

/**
 * The program is a string so that the thread needs no separate file beside the bundle. A message for each piece would
 * take longer than hashing it, so the thread sleeps on the counter, and sends a message only to a side that waits.
 */
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const hash = require("node:crypto").createHash("sha256");
const shared = new Int32Array(workerData, 0, ${SLOTS_START / 4});
for (let done = 0; ; done += 1) {
  while (Atomics.load(shared, ${SENT}) === done) Atomics.wait(shared, ${SENT}, done);
  const slot = done % ${SLOTS};
  const length = Atomics.load(shared, ${LENGTHS} + slot);
  if (length === 0) break;
  hash.update(new Uint8Array(workerData, ${SLOTS_START} + slot * ${SLOT_BYTES}, length));
  Atomics.add(shared, ${DONE}, 1);
  if (Atomics.exchange(shared, ${WAITING}, 0) === 1) parentPort.postMessage(undefined);
}
parentPort.postMessage(hash.digest("hex"));
`;

/** Copies pieces to memory shared with a thread, which hashes them in order. */
class ThreadDigest implements PiecewiseDigest {
  readonly #memory = new SharedArrayBuffer(SLOTS_START + SLOT_BYTES * SLOTS);
  readonly #shared = new Int32Array(this.#memory, 0, SLOTS_START / 4);
  readonly #worker = new Worker(PROGRAM, {
    eval: true,
    workerData: this.#memory,
    resourceLimits: LIMITS,
  });
  readonly #failure: Promise<never>;
  #sent = 0;
  #digest: string | undefined;
  #wake = (): void => {};

  constructor() {
    threads += 1;
    this.#worker.once("exit", () => (threads -= 1));
    this.#worker.on("message", (digest?: string) => {
      this.#digest = digest;
      this.#wake();
    });
    this.#failure = new Promise((_resolve, reject) => {
      this.#worker.once("error", reject);
      this.#worker.once("exit", () => {
        if (this.#digest === undefined) reject(new Error("the thread that hashes has ended"));
      });
    });
    // Methods that wait for the thread await it; at other times the end of the thread is not a failure.
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
      while (this.#isFull()) await this.#progress();
      const start = SLOTS_START + (this.#sent % SLOTS) * SLOT_BYTES;
      new Uint8Array(this.#memory, start, part.length).set(part);
      this.#send(part.length);
    }
  }

  async finish(): Promise<string> {
    while (this.#isFull()) await this.#progress();
    this.#send(0);
    while (this.#digest === undefined) await this.#message(() => false);
    return this.#digest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #isFull(): boolean {
    return this.#sent - Atomics.load(this.#shared, DONE) === SLOTS;
  }

  #send(length: number): void {
    Atomics.store(this.#shared, LENGTHS + (this.#sent % SLOTS), length);
    this.#sent += 1;
    Atomics.store(this.#shared, SENT, this.#sent);
    Atomics.notify(this.#shared, SENT);
  }

  /** Waits until a slot is free. */
  async #progress(): Promise<void> {
    await this.#message(() => {
      Atomics.store(this.#shared, WAITING, 1);
      // The thread may have freed a slot before it could see that this side waits.
      return !this.#isFull();
    });
  }

  /** Waits for a message of the thread, unless none is needed any more. */
  async #message(isNeedless: () => boolean): Promise<void> {
    const next = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (isNeedless()) return;
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
 * Starts a digest of content that arrives in pieces. Large content is hashed in a thread, in parallel with other work,
 * if a processor is available and the system allows another thread.
 *
 * @param expectedBytes  size of the content, if known
 * @param startThread  only tests replace it
 */
export async function beginDigest(
  expectedBytes: number,
  startThread: () => Promise<PiecewiseDigest> = () => new ThreadDigest().start(),
): Promise<PiecewiseDigest> {
  if (expectedBytes < THREAD_BYTES || threads >= MAX_THREADS) return digestInPlace();
  try {
    return await startThread();
  } catch {
    // A limit on threads or memory was reached. The thread is only an optimisation.
    return digestInPlace();
  }
}
