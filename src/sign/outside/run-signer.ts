import { Writable } from "node:stream";
import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import { formatSize } from "../../lib/format-size.ts";

/** Most bytes that an outside signer may answer: a hundred times what a signature has. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Most bytes of messages on standard error. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Most characters of a line of the signer's messages in ours. */
const MAX_LINE_CHARACTERS = 300;

/** Time that an outside signer has to answer: somebody may have to type a passphrase or to touch a token. */
const DEFAULT_TIMEOUT_MS = 5 * 60 * 1000;

/** How an outside signer is run. */
export interface SignerRun {
  /** Environment of the signer besides PATH and the locale, without our secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Default: 5 minutes. */
  readonly timeoutMs?: number | undefined;
}

/** Variables that the signer does not get from the environment: our secret, and what the context decides. */
const withheld: ReadonlySet<string> = new Set([
  "VIRT_APPLIANCE_PASSPHRASE",
  "PATH",
  "LC_ALL",
  "LANGUAGE",
]);

function environmentOf({ environment }: SignerRun): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || withheld.has(name) ? [] : [[name, value]],
    ),
  );
}

/** Collects the answer of a signer. Ends with an error when there is too much of it. */
class Answer extends Writable {
  readonly #program: string;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(program: string) {
    super();
    this.#program = program;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#length += chunk.length;
    if (this.#length > MAX_ANSWER_BYTES) {
      const fact = `answered more than ${formatSize(MAX_ANSWER_BYTES)}, expected a signature`;
      done(new ApplianceError("SIGN_SIGNER_BAD_ANSWER", `${this.#program}: ${fact}`));
      return;
    }
    this.#chunks.push(chunk);
    done();
  }
}

/** Hint for gpg when its agent could not ask for the passphrase. */
function hintFor(details: readonly string[]): string | undefined {
  return details.some((line) => /ioctl|pinentry|passphrase/i.test(line))
    ? "let gpg-agent ask for the passphrase: on a terminal, export GPG_TTY=$(tty)"
    : undefined;
}

/**
 * Runs an outside signer without a shell, and returns what it writes to standard output. When it exceeds its time it is
 * ended together with its children.
 *
 * @throws ApplianceError `SIGN_SIGNER_FAILED` with the end of its standard error, `SIGN_SIGNER_BAD_ANSWER` if it writes
 *   too much, `LIB_EXEC_MISSING`, `LIB_INTERRUPTED`
 */
export async function runSigner(
  command: readonly [program: string, ...args: string[]],
  how: SignerRun & {
    readonly input?: Uint8Array | undefined;
    /** Further variables of its environment. */
    readonly variables?: Readonly<Record<string, string>>;
  },
  { run }: Pick<Context, "run">,
): Promise<Uint8Array> {
  const [program, ...args] = command;
  const answer = new Answer(program);
  const tooMuch = new AbortController();
  answer.once("error", () => tooMuch.abort());
  try {
    await run(program, args, {
      env: { ...environmentOf(how), ...how.variables },
      timeoutMs: how.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      endsChildren: true,
      maxBuffer: MAX_MESSAGE_BYTES,
      output: answer,
      signal: tooMuch.signal,
      ...(how.input === undefined ? {} : { input: how.input }),
    });
    return answer.bytes;
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") throw error;
    const details = error.details.map((line) => line.slice(0, MAX_LINE_CHARACTERS));
    throw new ApplianceError("SIGN_SIGNER_FAILED", error.message, {
      cause: error,
      details,
      hint: hintFor(details),
    });
  }
}
