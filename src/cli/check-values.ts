import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import { globalOptions } from "./options/shared-options.ts";
import type { OptionDescription, CommandDescription } from "./help/describe-command.ts";

/** Switches of every command. */
const GLOBAL_SWITCHES: readonly string[] = Object.keys(globalOptions);

function findFault(option: OptionDescription, value: unknown): string | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > 1 && !option.isRepeatable) {
    return `given ${countOf(values.length, "time")}, expected once`;
  }
  if (!option.takesValue) return undefined;
  if (values.includes("")) return "has no value";
  return values.some((one) => Number.isNaN(one)) ? "not a number" : undefined;
}

/** Returns the first switch, as typed, with a value other than `true` and `false`; yargs would read it as `false`. */
function findDoubtfulSwitch(
  words: readonly string[],
  switches: readonly string[],
): string | undefined {
  return words.find((word) => {
    const [, name = "", value] = /^--?(?:no-)?([A-Za-z][\w-]*)=(.*)$/s.exec(word) ?? [];
    return switches.includes(name) && value !== "true" && value !== "false";
  });
}

/** Returns the first of these options, as typed, without a value after it; yargs would use its default. */
function findOptionWithoutValue(
  words: readonly string[],
  ...options: readonly OptionDescription[]
): string | undefined {
  const typed = new Set(
    options.flatMap(({ name, aliases }) =>
      [name, ...aliases].map((one) => (one.length === 1 ? `-${one}` : `--${one}`)),
    ),
  );
  return words.find((word, index) => {
    const next = words[index + 1];
    return typed.has(word) && (next === undefined || /^--?[A-Za-z]/.test(next));
  });
}

/**
 * Refuses values that yargs accepts: a repeated option that is not repeatable, an option without its value, a value
 * that is not a number, a switch with a value other than `true` and `false`, an empty argument.
 *
 * @param words  words of the command line
 * @param args  the same command line, parsed by yargs
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkValues(
  words: readonly string[],
  args: Readonly<Record<string, unknown>>,
  command: CommandDescription,
): void {
  const refuse = (subject: string, fault: string): never => {
    throw new ApplianceError("CLI_USAGE", `${command.name}: ${subject}: ${fault}`, {
      hint: `see: virt-appliance ${command.name} --help`,
    });
  };
  const switches = command.options.filter(({ takesValue }) => !takesValue);
  const names = switches.flatMap(({ name, aliases }) => [name, ...aliases]);
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  const doubtful = findDoubtfulSwitch(own, [...names, ...GLOBAL_SWITCHES]);
  if (doubtful !== undefined) refuse(doubtful, "takes no value but true and false");
  const needing = command.options.filter((option) => option.takesValue && !option.isValueOptional);
  const lonely = findOptionWithoutValue(own, ...needing);
  if (lonely !== undefined) refuse(lonely, "has no value");
  for (const option of command.options) {
    if (option.isValueOptional && findOptionWithoutValue(own, option) !== undefined) continue;
    const fault = findFault(option, args[option.name]);
    if (fault !== undefined) refuse(`--${option.name}`, fault);
  }
  for (const name of GLOBAL_SWITCHES) {
    if (Array.isArray(args[name])) refuse(`--${name}`, "given more than once");
  }
  for (const { name } of command.positionals) {
    if ([args[name]].flat().includes("")) refuse(`<${name}>`, "empty");
  }
}

/**
 * Returns the command line with the words after `--` as plain arguments; yargs would not pass them to the command.
 * A word that starts with a dash gets the prefix `./`, as a path.
 */
export function withPlainArguments(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  if (end === -1) return words;
  const plain = words.slice(end + 1).map((word) => (word.startsWith("-") ? `./${word}` : word));
  return [...words.slice(0, end), ...plain];
}
