import { addAbortSignal } from "node:stream";
import { ApplianceError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import type { PassphraseSource } from "../../sign/index.ts";
import { askOnTerminal } from "./ask-terminal.ts";
import { openDescriptor } from "./open-descriptor.ts";
import type { Cli } from "../command.ts";

/** Maximum length of a passphrase in bytes. */
const MAX_BYTES = 4096;

/** Sources of a passphrase. The command line is not one: every process on the machine can read it. */
export interface PassphraseArguments {
  readonly passphraseFd?: number | undefined;
}

function firstLine(bytes: Buffer, origin: string): string {
  const end = bytes.indexOf(0x0a);
  const line = end === -1 ? bytes : bytes.subarray(0, end);
  if (line.length === 0 || line.length > MAX_BYTES) {
    throw new ApplianceError(
      "CLI_USAGE",
      `${origin}: ${line.length === 0 ? "no passphrase" : `longer than ${formatSize(MAX_BYTES)}`}`,
    );
  }
  return line.toString("utf8").replace(/\r$/, "");
}

async function readDescriptor(fd: number, signal: AbortSignal): Promise<string> {
  const origin = `--passphrase-fd ${fd}`;
  if (!Number.isInteger(fd) || fd < 0) {
    throw new ApplianceError("CLI_USAGE", `${origin}: not a file descriptor`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const stream = addAbortSignal(signal, openDescriptor(fd));
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES || chunk.includes(0x0a)) break;
    }
  } catch (error) {
    throwIfInterrupted(signal, origin);
    throw new ApplianceError("CLI_USAGE", `${origin}: not readable`, {
      cause: error,
      hint: `open it in the shell: ${fd}< file`,
    });
  }
  return firstLine(Buffer.concat(chunks), origin);
}

async function givenPassphrase(args: PassphraseArguments, cli: Cli): Promise<string | undefined> {
  if (args.passphraseFd !== undefined) return readDescriptor(args.passphraseFd, cli.context.signal);
  const given = cli.environment["VIRT_APPLIANCE_PASSPHRASE"];
  return given === undefined || given === "" ? undefined : given;
}

/**
 * Reads the passphrase from `--passphrase-fd` or `VIRT_APPLIANCE_PASSPHRASE`, and returns a source that returns it.
 * Without either, the source asks on the terminal, if there is one, when the passphrase is needed.
 *
 * @throws ApplianceError `CLI_USAGE` when the file descriptor yields no passphrase
 */
export async function readPassphrase(
  args: PassphraseArguments,
  cli: Cli,
): Promise<PassphraseSource> {
  const given = await givenPassphrase(args, cli);
  return async (keyLabel) => {
    if (given !== undefined || !cli.interactive) return given;
    return askOnTerminal(`passphrase of ${keyLabel}: `, {
      echo: false,
      signal: cli.context.signal,
    });
  };
}

/**
 * Returns the passphrase for a new key; undefined for none. On a terminal it asks twice.
 *
 * @throws ApplianceError `CLI_USAGE` when the two entries differ
 */
export async function readNewPassphrase(
  args: PassphraseArguments,
  cli: Cli,
): Promise<string | undefined> {
  const given = await givenPassphrase(args, cli);
  if (given !== undefined || !cli.interactive) return given;
  const hidden = { echo: false, signal: cli.context.signal };
  const first = await askOnTerminal("passphrase for the new key (empty for none): ", hidden);
  if (first === "") return undefined;
  if ((await askOnTerminal("repeat the passphrase: ", hidden)) === first) return first;
  throw new ApplianceError("CLI_USAGE", "passphrase: the two entries differ");
}
