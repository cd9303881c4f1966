import { ApplianceError } from "../errors.ts";
import { closest } from "../lib/closest.ts";
import type { OptionDescription, CommandDescription } from "./describe-command.ts";

/** Options that every command accepts besides its own. */
const GLOBAL_OPTIONS: readonly string[] = ["json", "quiet", "verbose", "help", "h", "version"];

function refuse(
  what: string,
  options: { readonly near: string | undefined; readonly see: string },
): never {
  const hint = options.near === undefined ? "" : `did you mean ${options.near}? `;
  throw new ApplianceError("CLI_USAGE", what, {
    hint: `${hint}see: virt-appliance ${options.see}--help`,
  });
}

/** Returns the spellings of an option, without dashes. */
function spellings(option: OptionDescription): readonly string[] {
  return [option.name, ...option.aliases].flatMap((name) =>
    option.takesValue ? [name] : [name, `no-${name}`],
  );
}

/**
 * Refuses a first word that is not a command. The hint suggests the closest command.
 *
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkCommand(word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  refuse(`unknown command "${word}"`, { near: closest(word, known), see: "" });
}

function ownWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return end === -1 ? words : words.slice(0, end);
}

function lastName(command: CommandDescription): string {
  return command.name.split(" ").at(-1) ?? "";
}

/** Returns the subcommand that the words choose, or the command itself. */
function chosenOf(own: readonly string[], command: CommandDescription): CommandDescription {
  const first = own.find((word) => !word.startsWith("-"));
  return command.commands.find((each) => lastName(each) === first) ?? command;
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
  const chosen = chosenOf(own, command);
  const missing = MISSING.exec(complaint);
  let message = complaint
    .replaceAll("\n", " ")
    .replace(/^Unknown (arguments?): /, `${chosen.name}: unexpected $1: `);
  if (missing !== null && chosen.commands.length > 0) {
    message = `${chosen.name}: expected one of its commands: ${chosen.commands.map(lastName).join(", ")}`;
  } else if (missing !== null) {
    const required = chosen.usage.split(" ").filter((argument) => argument.startsWith("<"));
    const given = missing[1] === undefined ? required.length : Number(missing[1]);
    const expected = [...required.slice(given), ...missingOptions(own, chosen)];
    if (expected.length > 0) message = `${chosen.name}: expected ${expected.join(", ")}`;
  }
  return new ApplianceError("CLI_USAGE", message, {
    hint: `see: virt-appliance ${chosen.name} --help`,
  });
}

/**
 * Refuses unknown options and subcommands. yargs would report the missing arguments instead, or every word.
 *
 * @param words  words of the command line after the command
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkWords(words: readonly string[], command: CommandDescription): void {
  const own = ownWords(words);
  const described = chosenOf(own, command);
  const first = own.find((word) => !word.startsWith("-"));
  if (command.commands.length > 0 && described === command && first !== undefined) {
    const names = command.commands.map(lastName);
    const what = `${command.name}: unknown command "${first}"`;
    refuse(what, { near: closest(first, names), see: `${command.name} ` });
  }
  const known = [...described.options.flatMap(spellings), ...GLOBAL_OPTIONS];
  for (const word of own) {
    const [, dashes, option] = /^(--|-)([A-Za-z](?:(?<=--.)[\w-]*)?)/.exec(word) ?? [];
    // A known short option may be followed by its value or by more short options; yargs checks those.
    if (dashes === undefined || option === undefined || known.includes(option)) continue;
    const near = dashes === "--" ? closest(option, known) : undefined;
    const missing = missingOptions(own, described);
    const expected = missing.length === 0 ? "" : `; expected ${missing.join(", ")}`;
    refuse(`${described.name}: unknown option ${dashes}${option}${expected}`, {
      near: near === undefined ? undefined : `--${near}`,
      see: `${described.name} `,
    });
  }
}
