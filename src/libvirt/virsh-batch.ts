import { randomBytes } from "node:crypto";
import { ApplianceError } from "../errors.ts";
import type { RunResult } from "../lib/exec.ts";
import { type RunVirsh, type Virsh, virshError } from "./virsh.ts";

/** One command of virsh, as an argument vector. */
export type VirshCommand = readonly [string, ...string[]];

/** Result of one command of a batch. */
export type VirshAnswer = { readonly output: string } | { readonly error: ApplianceError };

/**
 * Runs many commands in one virsh process, with one connection. Returns the results in the order of the commands. A
 * command that fails does not prevent the others from running.
 *
 * @param onAnswers  called with the number of commands that have completed since the last call
 * @throws ApplianceError for failures that are not the result of a command: `LIBVIRT_UNREACHABLE`, `LIBVIRT_DENIED`,
 *   `LIBVIRT_TIMEOUT`, `LIB_EXEC_MISSING`
 */
export type VirshBatch = (
  commands: readonly VirshCommand[],
  onAnswers?: (count: number) => void,
) => Promise<readonly VirshAnswer[]>;

/** Linux limits one argument to 128 KiB; further commands run in another process. */
const MAX_TEXT_CHARACTERS = 100_000;
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
const TIMEOUT_MS = 120_000;

/** Returns a word quoted for virsh's command parser, which quotes like a shell and expands nothing. */
function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Divides commands into texts that each fit into one argument. */
function pack(commands: readonly VirshCommand[], mark: string): readonly (readonly string[])[] {
  const packs: string[][] = [];
  let length = MAX_TEXT_CHARACTERS;
  for (const command of commands) {
    // The mark separates results on both streams. It is random, so no name or title of a domain can contain it.
    const text = `${command.map(quote).join(" ")};echo ${mark};echo --err ${mark}`;
    length += text.length + 1;
    if (length > MAX_TEXT_CHARACTERS) {
      packs.push([]);
      length = text.length + 1;
    }
    packs.at(-1)?.push(text);
  }
  return packs;
}

/** Returns the output before each mark; undefined if the number of marks differs from the number of commands. */
function cut(text: string, mark: string, count: number): readonly string[] | undefined {
  const parts = text.split(mark);
  return parts.length === count + 1 ? parts.slice(0, count) : undefined;
}

function readAnswers(
  result: RunResult,
  on: { readonly mark: string; readonly count: number; readonly subject: string },
): readonly VirshAnswer[] | undefined {
  const outputs = cut(result.stdout, on.mark, on.count);
  const talk = cut(result.stderr, `error: ${on.mark}\n`, on.count);
  if (talk === undefined) return undefined;
  return outputs?.map((output, index): VirshAnswer => {
    const lines = (talk[index] ?? "").split("\n").filter((line) => line.trim() !== "");
    if (!lines.some((line) => line.startsWith("error: "))) return { output };
    const error = virshError(lines, on.subject);
    if (!isAnswer(error)) throw error;
    return { error };
  });
}

/** Returns whether the error is libvirt's response to a command, not a failure to reach libvirt. */
function isAnswer({ code }: ApplianceError): boolean {
  return code === "LIBVIRT_FAILED" || code === "LIBVIRT_UNKNOWN";
}

/** Runs each command in its own process, for a virsh that does not support several commands, or not all of these. */
async function oneByOne(
  virsh: Virsh,
  commands: readonly VirshCommand[],
): Promise<readonly VirshAnswer[]> {
  const answers: VirshAnswer[] = [];
  for (const command of commands) {
    try {
      answers.push({ output: await virsh(...command) });
    } catch (error) {
      if (!(error instanceof ApplianceError) || !isAnswer(error)) throw error;
      answers.push({ error });
    }
  }
  return answers;
}

/** Counts the results in the output of virsh while it runs. */
function countAnswers(
  mark: string,
  onAnswers: (count: number) => void,
): { readonly onStdout: (chunk: string) => void; readonly done: (count: number) => void } {
  let seen = 0;
  const tell = (count: number): void => {
    seen += count;
    if (count > 0) onAnswers(count);
  };
  return {
    // A mark that is divided between two chunks is counted at the end.
    onStdout: (chunk) => tell(chunk.split(mark).length - 1),
    done: (count) => tell(count - seen),
  };
}

/** Returns a function that runs many commands at once on a connection. */
export function openVirshBatch(
  run: RunVirsh,
  virsh: Virsh,
  subject: string | undefined,
): VirshBatch {
  return async (commands, onAnswers = () => {}) => {
    const answers: VirshAnswer[] = [];
    const mark = `@${randomBytes(8).toString("hex")}@`;
    for (const texts of pack(commands, mark)) {
      const asked = commands.slice(answers.length, answers.length + texts.length);
      const count = countAnswers(mark, onAnswers);
      const result = await run([texts.join(";")], {
        timeoutMs: TIMEOUT_MS,
        maxBuffer: MAX_ANSWER_BYTES,
        // The last command is an echo, so status 1 means that virsh rejected the whole text and ran nothing.
        acceptExitCodes: [1],
        onStdout: count.onStdout,
      });
      const on = { mark, count: texts.length, subject: subject ?? "libvirt" };
      answers.push(...(readAnswers(result, on) ?? (await oneByOne(virsh, asked))));
      count.done(texts.length);
    }
    return answers;
  };
}

/**
 * Returns the output of a command of a batch.
 *
 * @throws ApplianceError the error of a failed command
 */
export function outputOf(answer: VirshAnswer | undefined): string {
  if (answer === undefined) throw new TypeError("no response to a command of a batch");
  if ("error" in answer) throw answer.error;
  return answer.output;
}
