import type {
  CommandEntry,
  Example,
  ExitStatuses,
  OptionDefinition,
  SingleCommandEntry,
} from "../command.ts";

/** An option or argument of a command. */
export interface OptionDescription {
  /** Without dashes. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly describe: string;
  /** True if the option takes a value. */
  readonly takesValue: boolean;
  /** True if the value may be omitted, which `requiresArg: false` declares. */
  readonly isValueOptional: boolean;
  readonly isNumber: boolean;
  /** True for a switch that is on by default; --no-NAME turns it off. */
  readonly isOn: boolean;
  readonly isRequired: boolean;
  readonly isRepeatable: boolean;
  /** True if only tests use the option: help and reference do not list it. */
  readonly isHidden: boolean;
  /** Default value, for options with a value. */
  readonly defaultValue: string | undefined;
  readonly choices: readonly string[];
}

/** A command as help, manual page, completion and reference show it. */
export interface CommandDescription {
  /** As typed: `repo init`. */
  readonly name: string;
  /** Its arguments as yargs writes them: `<dir> [rpm..]`. */
  readonly usage: string;
  readonly summary: string;
  /** In the order of the command line. */
  readonly positionals: readonly OptionDescription[];
  readonly options: readonly OptionDescription[];
  readonly examples: readonly Example[];
  readonly exitStatuses: ExitStatuses;
  /** Its subcommands; empty unless it is a group. */
  readonly commands: readonly CommandDescription[];
}

function strings(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string" || typeof one === "number").map(String);
}

function describeOption([name, definition]: readonly [
  string,
  OptionDefinition,
]): OptionDescription {
  const { describe, type, alias, choices } = definition;
  const isSwitch = type === "boolean";
  const fallback = strings(definition.default).join(" ");
  return {
    name,
    aliases: strings(alias),
    describe,
    takesValue: !isSwitch,
    isValueOptional: definition.requiresArg === false,
    isNumber: type === "number",
    isOn: isSwitch && definition.default === true,
    isRequired: definition.demandOption === true,
    isRepeatable: definition.array === true,
    isHidden: definition.hidden === true,
    defaultValue: isSwitch || fallback === "" ? undefined : fallback,
    choices: strings(choices),
  };
}

/** Returns an argument as yargs writes it: `<rpm..>` is required and repeatable, `[vm]` is optional. */
function usageOf({ name, isRequired, isRepeatable }: OptionDescription): string {
  const text = isRepeatable ? `${name}..` : name;
  return isRequired ? `<${text}>` : `[${text}]`;
}

async function describeSingle(
  { name, summary, load }: SingleCommandEntry,
  family: readonly string[],
): Promise<CommandDescription> {
  const { command } = await load();
  const positionals = Object.entries(command.positionals).map(describeOption);
  return {
    name: [...family, name].join(" "),
    usage: positionals.map(usageOf).join(" "),
    summary,
    positionals,
    options: Object.entries(command.options).map(describeOption),
    examples: command.examples,
    exitStatuses: command.exitStatuses,
    commands: [],
  };
}

/**
 * Loads a command and returns its description; for a group, with those of its subcommands.
 *
 * @param family  words before the name: `repo` for `repo init`
 */
export async function describeCommand(
  entry: CommandEntry,
  family: readonly string[] = [],
): Promise<CommandDescription> {
  if ("load" in entry) return describeSingle(entry, family);
  const { name, summary, commands } = entry;
  const members = commands.map((member) => describeSingle(member, [...family, name]));
  return {
    name: [...family, name].join(" "),
    usage: "<command>",
    summary,
    positionals: [],
    options: [],
    examples: [],
    exitStatuses: {},
    commands: await Promise.all(members),
  };
}
