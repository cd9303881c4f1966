import { closest } from "../lib/closest.ts";
import { refuseWord } from "./check-words.ts";
import type { Command, CommandEntry } from "./command.ts";
import { type CommandDescription, describeCommand } from "./help/describe-command.ts";

/** The command that a command line chooses. */
export interface ChosenCommand {
  /** Undefined for a group without a subcommand. */
  readonly command: Command | undefined;
  readonly description: CommandDescription;
  /** Words after the first word of the command. */
  readonly own: readonly string[];
}

/** Returns the entry of that name. The hint of the error suggests the closest name. */
function findEntry<Entry extends CommandEntry>(
  word: string,
  entries: readonly Entry[],
  family: string,
): Entry {
  const found = entries.find(({ name }) => name === word);
  if (found !== undefined) return found;
  const names = entries.map(({ name }) => name);
  const subject = family === "" ? "" : `${family}: `;
  return refuseWord(`${subject}unknown command "${word}"`, {
    near: closest(word, names),
    command: family,
  });
}

/** Returns the first word without a dash: the global options take no value. */
function firstName(words: readonly string[]): string | undefined {
  return words.find((word) => !word.startsWith("-"));
}

/**
 * Finds the command that the words choose, and loads its module. For a group without a subcommand, loads them all;
 * returns undefined without a command.
 *
 * @throws ApplianceError `CLI_USAGE` for an unknown command
 */
export async function chooseCommand(
  words: readonly string[],
  commands: readonly CommandEntry[],
): Promise<ChosenCommand | undefined> {
  const first = firstName(words);
  if (first === undefined) return undefined;
  const own = words.slice(words.indexOf(first) + 1);
  const entry = findEntry(first, commands, "");
  if ("load" in entry) {
    const { command } = await entry.load();
    return { command, description: await describeCommand(entry), own };
  }
  const second = firstName(own);
  if (second === undefined)
    return { command: undefined, description: await describeCommand(entry), own };
  const member = findEntry(second, entry.commands, first);
  const { command } = await member.load();
  return { command, description: await describeCommand(member, [first]), own };
}
