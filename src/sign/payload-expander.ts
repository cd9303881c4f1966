import { createHash } from "node:crypto";
import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ApplianceError } from "../errors.ts";
import { compressions, XZ_MEMORY_LIMIT } from "../lib/bytes/compressions.ts";
import type { Context } from "../lib/context.ts";

/** Facts about a decompressed payload. */
export interface ExpandedPayload {
  readonly sizeBytes: number;
  /** Lower-case hex, one for each requested hash. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Decompresses a payload from its pieces, in parallel with other consumers of the pieces. */
export interface PayloadExpander {
  /** Returns when it can accept more. Pieces after a failure are ignored. */
  write(piece: Uint8Array): Promise<void>;
  /** Returns the result, or the failure: a fault of the payload, or a missing tool. */
  finish(): Promise<ExpandedPayload | { readonly fault: string } | { readonly unable: string }>;
  /** Stops the tool before the end of the payload. */
  stop(): void;
}

const tools: Readonly<Record<string, readonly [string, ...string[]] | undefined>> = {
  xz: compressions.xz.decompress,
  lzma: ["xz", "--format=lzma", "--decompress", "--stdout", XZ_MEMORY_LIMIT],
  zstd: compressions.zstd.decompress,
  bzip2: compressions.bzip2.decompress,
};

/** Hashes and counts the data. Stops when it exceeds the announced size, as in a decompression bomb. */
class Measure extends Writable {
  sizeBytes = 0;
  readonly #hashes: ReadonlyMap<string, ReturnType<typeof createHash>>;
  readonly #maxBytes: number;

  constructor(hashes: readonly string[], maxBytes: number) {
    super({ highWaterMark: 1024 * 1024 });
    this.#hashes = new Map(hashes.map((name) => [name, createHash(name)]));
    this.#maxBytes = maxBytes;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > this.#maxBytes) {
      done(new Error(`expands to more than the ${this.#maxBytes} bytes that the header announces`));
      return;
    }
    for (const hash of this.#hashes.values()) hash.update(chunk);
    done();
  }

  result(): ExpandedPayload {
    const digests = new Map([...this.#hashes].map(([name, hash]) => [name, hash.digest("hex")]));
    return { sizeBytes: this.sizeBytes, digests };
  }
}

function start(
  compression: string,
  input: PassThrough,
  output: Measure,
  context: Pick<Context, "run" | "signal">,
): Promise<unknown> {
  if (compression === "gzip")
    return pipeline(input, createGunzip(), output, { signal: context.signal });
  const [program, ...args] = tools[compression] ?? ["false"];
  return context.run(program, args, { input, output });
}

/**
 * Starts decompressing a payload.
 *
 * @param compression  as the header names it: gzip, xz, lzma, zstd or bzip2
 */
export function openExpander(
  compression: string,
  wanted: { readonly hashes: readonly string[]; readonly maxBytes: number },
  context: Pick<Context, "run" | "signal">,
): PayloadExpander {
  const input = new PassThrough({ highWaterMark: 1024 * 1024 });
  const output = new Measure(wanted.hashes, wanted.maxBytes);
  let failure: unknown;
  // Errors arrive through `ended`; without listeners they would also end the process.
  input.on("error", () => undefined);
  output.on("error", (error) => (failure ??= error));
  const ended = start(compression, input, output, context).catch((error: unknown) => {
    failure ??= error;
    input.destroy();
  });
  return {
    async write(piece): Promise<void> {
      // The stream may still hold the piece when the caller reuses its memory, so it gets a copy.
      if (input.destroyed || input.write(Buffer.from(piece))) return;
      // `finish` reports the error that destroyed the input.
      const failed = (): void => undefined;
      await Promise.race([once(input, "drain"), once(input, "close"), ended]).catch(failed);
    },
    stop: () => void input.destroy(),
    async finish(): ReturnType<PayloadExpander["finish"]> {
      input.end();
      await ended;
      if (failure === undefined) return output.result();
      if (failure instanceof ApplianceError) {
        if (failure.code === "LIB_INTERRUPTED") throw failure;
        if (failure.code === "LIB_EXEC_MISSING") return { unable: failure.message };
      }
      const reason = failure instanceof Error ? failure.message : "it cannot be decompressed";
      return { fault: `${compression} payload: ${reason}` };
    },
  };
}
