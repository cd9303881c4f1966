import { readFile } from "node:fs/promises";
import { testContext } from "./context.ts";

/** A call of the kernel on one file. */
export interface FileCall {
  readonly name: string;
  /** The bytes of the file that it read or wrote; undefined if it moves none. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
}

/** Calls that move no byte of a file. */
const idle =
  /^(?:openat2?|close|fstat|l?stat|newfstatat|statx|fsync|fdatasync|flock|fcntl|lseek|access|faccessat2?)$/;
const positioned = /^(?:pread64|pwrite64)$/;

/**
 * Runs a command under strace, and returns its calls on a file. Throws a TypeError for a call that is neither positioned
 * nor known to move no bytes, so that none is missed.
 *
 * @param file  its real path
 */
export async function traceFile(
  command: readonly string[],
  file: string,
  options: { readonly trace: string; readonly env?: Readonly<Record<string, string>> },
): Promise<readonly FileCall[]> {
  const strace = ["-f", "-y", "-qq", "-s", "0", "-e", "trace=all", "-o", options.trace];
  const env = { ...options.env, UV_USE_IO_URING: "0" };
  await testContext().run("strace", [...strace, ...command], { env, timeoutMs: 600_000 });
  return wholeLines(await readFile(options.trace, "utf8"))
    .filter((line) => line.includes(`<${file}>`))
    .map(callOf);
}

/** Joins the two halves of a call during which another thread made one. */
function wholeLines(trace: string): readonly string[] {
  const begun = new Map<string, string>();
  return trace.split("\n").flatMap((line) => {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest.endsWith(" <unfinished ...>")) {
      begun.set(thread, rest.replace(" <unfinished ...>", ""));
      return [];
    }
    return [`${thread} ${rest.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread) ?? "")}`];
  });
}

function callOf(line: string): FileCall {
  const [, name = ""] = /^\d+\s+(\w+)\(/.exec(line) ?? [];
  if (idle.test(name)) return { name, range: undefined };
  const [, start, length] = /, (\d+)\)\s+= (\d+)$/.exec(line) ?? [];
  if (!positioned.test(name) || start === undefined || length === undefined)
    throw new TypeError(`a call that is not understood: ${line}`);
  return { name, range: { start: Number(start), end: Number(start) + Number(length) } };
}
