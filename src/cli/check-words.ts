import { ApplianceError } from "../errors.ts";
import { closest } from "../lib/closest.ts";
import { globalOptions } from "./options/shared-options.ts";
import type { OptionDescription, CommandDescription } from "./help/describe-command.ts";

/** Options that every command accepts besides its own. */
const GLOBAL_OPTIONS: readonly string[] = [...Object.keys(globalOptions), "help", "h", "version"];

/**
 * Throws the error for a word that is unknown. Its hint suggests the closest known word, and the help of the command.
 *
 * @param options.command  command whose help lists the known words; empty for the overview
 */
export function refuseWord(
  what: string,
  options: { readonly near: string | undefined; readonly command: string },
): never {
  const suggestion = options.near === undefined ? "" : `did you mean ${options.near}? `;
  const see = `virt-appliance ${options.command} --help`.replace("  ", " ");
  throw new ApplianceError("CLI_USAGE", what, { hint: `${suggestion}see: ${see}` });
}

/** Returns the spellings of an option, without dashes. */
function spellings(option: OptionDescription): readonly string[] {
  return [option.name, ...option.aliases].flatMap((name) =>
    option.takesValue ? [name] : [name, `no-${name}`],
  );
}

function ownWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return end === -1 ? words : words.slice(0, end);
}

function lastName(command: CommandDescription): string {
  return command.name.split(" ").at(-1) ?? "";
}

/** Returns the required options that the words do not contain, as messages name them. */
function missingOptions(own: readonly string[], command: CommandDescription): readonly string[] {
  const gives = (word: string, name: string): boolean =>
    name.length === 1
      ? /^-[^-]/.test(word) && word.startsWith(`-${name}`)
      : word === `--${name}` || word.startsWith(`--${name}=`);
  return command.options
    .filter(({ isRequired, name, aliases }) => {
      return (
        isRequired && !own.some((word) => [name, ...aliases].some((each) => gives(word, each)))
      );
    })
    .map(({ name, aliases }) => {
      const short = aliases.find((alias) => alias.length === 1);
      return short === undefined ? `--${name}` : `--${name} (-${short})`;
    });
}

/** Matches yargs' message about a value that is not one of the choices. */
const CHOICES = /^Invalid values:\s+Argument: ([\w-]+), Given: (.*?), Choices: (.*)$/s;

/** Matches yargs' messages about missing arguments, which do not name them as they are typed. */
const MISSING = /^Not enough non-option arguments: got (\d+)|^Missing required argument/;

/**
 * Returns the error for a usage message of yargs. If arguments are missing, the error lists all of them as typed.
 *
 * @param words  words of the command line after the command
 */
export function usageError(
  complaint: string,
  words: readonly string[],
  command: CommandDescription,
): ApplianceError {
  const own = ownWords(words);
  const missing = MISSING.exec(complaint);
  const [, argument, given, choices] = CHOICES.exec(complaint) ?? [];
  if (choices !== undefined) {
    return new ApplianceError("CLI_USAGE", `--${argument}: ${given}, expected one of ${choices}`, {
      hint: `see: virt-appliance ${command.name} --help`,
    });
  }
  let message = complaint
    .replaceAll("\n", " ")
    .replace(/^Unknown (arguments?): /, `${command.name}: unexpected $1: `);
  if (missing !== null && command.commands.length > 0) {
    message = `${command.name}: expected one of its commands: ${command.commands.map(lastName).join(", ")}`;
  } else if (missing !== null) {
    const required = command.usage.split(" ").filter((argument) => argument.startsWith("<"));
    const given = missing[1] === undefined ? required.length : Number(missing[1]);
    const expected = [...required.slice(given), ...missingOptions(own, command)];
    if (expected.length > 0) message = `${command.name}: expected ${expected.join(", ")}`;
  }
  return new ApplianceError("CLI_USAGE", message, {
    hint: `see: virt-appliance ${command.name} --help`,
  });
}

/**
 * Refuses unknown options before the command, or without one.
 *
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkGlobalOptions(argv: readonly string[]): void {
  for (const word of argv) {
    const option = /^--?([A-Za-z][\w-]*)/.exec(word)?.[1];
    if (option === undefined) return;
    if (GLOBAL_OPTIONS.includes(option)) continue;
    const near = closest(option, GLOBAL_OPTIONS);
    refuseWord(`unknown option ${word}`, {
      near: near === undefined ? undefined : `--${near}`,
      command: "",
    });
  }
}

/**
 * Refuses unknown options. yargs would report the missing arguments instead, or every word.
 *
 * @param words  words of the command line after the command
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkWords(words: readonly string[], command: CommandDescription): void {
  const own = ownWords(words);
  const known = [...command.options.flatMap(spellings), ...GLOBAL_OPTIONS];
  for (const word of own) {
    const [, dashes, option] = /^(--|-)([A-Za-z](?:(?<=--.)[\w-]*)?)/.exec(word) ?? [];
    // A known short option may be followed by its value or by more short options; yargs checks those.
    if (dashes === undefined || option === undefined || known.includes(option)) continue;
    const near = dashes === "--" ? closest(option, known) : undefined;
    const missing = missingOptions(own, command);
    const expected = missing.length === 0 ? "" : `; expected ${missing.join(", ")}`;
    refuseWord(`${command.name}: unknown option ${dashes}${option}${expected}`, {
      near: near === undefined ? undefined : `--${near}`,
      command: command.name,
    });
  }
}
