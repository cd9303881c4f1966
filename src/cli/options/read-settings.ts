import { isUtf8 } from "node:buffer";
import { addAbortSignal } from "node:stream";
import { ApplianceError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { readSmallFile } from "../../lib/plain-file.ts";
import { trimEndOf } from "../../lib/trim-end.ts";
import { openDescriptor } from "../terminal/open-descriptor.ts";

const MAX_VALUE_BYTES = 64 * 1024;

function usage(message: string): ApplianceError {
  return new ApplianceError("CLI_USAGE", message);
}

async function readStandardInput(signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of addAbortSignal(signal, openDescriptor(0)) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      total += chunk.length;
      if (total > MAX_VALUE_BYTES) break;
    }
  } catch (error) {
    throwIfInterrupted(signal, "standard input");
    throw new ApplianceError("LIB_IO", "standard input: not readable", { cause: error });
  }
  if (total <= MAX_VALUE_BYTES) return Buffer.concat(chunks);
  throw new ApplianceError(
    "LIB_LIMIT_EXCEEDED",
    `standard input: longer than ${formatSize(MAX_VALUE_BYTES)}`,
  );
}

/** Returns a text without the line ends behind it, as a shell's `$(cat FILE)` does. */
function textOf(content: Buffer, origin: string): string {
  if (!isUtf8(content)) throw usage(`${origin}: not UTF-8, expected a text in UTF-8`);
  return trimEndOf(content.toString("utf8"), "\r\n");
}

async function readValue(name: string, file: string, signal: AbortSignal): Promise<string> {
  const origin = `--set ${name}`;
  if (file === "") throw usage(`${origin}: "@", expected @FILE with the path of a file`);
  try {
    return textOf(await readSmallFile(file, { maxBytes: MAX_VALUE_BYTES, signal }), file);
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    const { code, message, hint } = error;
    throw new ApplianceError(code, `${origin}: ${message}`, { cause: error, hint });
  }
}

/**
 * Returns the settings of `--set` as NAME=VALUE. `NAME=@FILE` takes the value from a file, `NAME=-` from standard input,
 * so that no secret has to stand on a command line; `NAME=@@TEXT` is a value that begins with `@`. Settings that are not
 * NAME=VALUE are returned unchanged.
 *
 * @throws ApplianceError `CLI_USAGE` if two values are to come from standard input, or a text is not UTF-8; `LIB_IO`,
 *   `LIB_LIMIT_EXCEEDED`, `LIB_INTERRUPTED`
 */
export async function readSettings(
  set: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const parsed = set.map((setting) => /^([^=]+)=(.*)$/s.exec(setting) ?? ([setting] as const));
  const fromInput = parsed.filter(([, , value]) => value === "-");
  if (fromInput.length > 1)
    throw usage("--set: two values are to come from standard input, expected one");
  const read: string[] = [];
  for (const [setting, name = "", value = ""] of parsed) {
    if (value === "-") {
      read.push(`${name}=${textOf(await readStandardInput(signal), "standard input")}`);
    } else if (value.startsWith("@@")) read.push(`${name}=${value.slice(1)}`);
    else if (value.startsWith("@")) {
      read.push(`${name}=${await readValue(name, value.slice(1), signal)}`);
    } else read.push(setting);
  }
  return read;
}
