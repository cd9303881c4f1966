import yargs, { type Argv, type Options } from "yargs";
import { addCommand, type Execute, type GlobalArguments, type Command } from "./command.ts";

/** An option or argument of a command, as defined for yargs. */
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
  /** Default value, for options with a value. */
  readonly defaultValue: string | undefined;
  readonly choices: readonly string[];
}

/** A command as defined for yargs, for the manual page and the completion. */
export interface CommandDescription {
  /** As typed: `repo init`. */
  readonly name: string;
  /** Its arguments as yargs writes them: `<dir> [rpm..]`. */
  readonly usage: string;
  readonly describe: string;
  /** In the order of the command line. */
  readonly positionals: readonly OptionDescription[];
  readonly options: readonly OptionDescription[];
  /** Example command lines with their explanations. */
  readonly examples: readonly (readonly [string, string])[];
  /** Its subcommands; empty unless it is a group. */
  readonly commands: readonly CommandDescription[];
}

interface Notes {
  readonly positionals: OptionDescription[];
  readonly options: OptionDescription[];
  readonly examples: (readonly [string, string])[];
  readonly commands: CommandDescription[];
}

function strings(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string" || typeof one === "number").map(String);
}

function describeOption(name: string, definition: unknown): OptionDescription {
  // Every field of Options is optional.
  const options: Options = typeof definition === "object" && definition !== null ? definition : {};
  const { describe, desc, description, demandOption, choices = [], type } = options;
  const isSwitch = type === "boolean" || options.boolean === true;
  const fallback = strings(options.default).join(" ");
  return {
    name,
    aliases: strings(options.alias ?? []),
    describe: describe ?? desc ?? description ?? "",
    takesValue: !isSwitch && type !== "count",
    isValueOptional: options.requiresArg === false,
    isNumber: type === "number",
    isOn: isSwitch && options.default === true,
    isRequired: demandOption !== undefined && demandOption !== false,
    isRepeatable: options.array === true || type === "array",
    defaultValue: isSwitch || fallback === "" ? undefined : fallback,
    choices: strings(choices),
  };
}

/** Records one call on yargs. Calls that define no option, argument, example or command are ignored. */
function note(call: string, args: readonly unknown[], family: string, into: Notes): void {
  const [first, second] = args;
  switch (call) {
    case "positional":
      into.positionals.push(describeOption(String(first), second));
      return;
    case "option":
    case "options": {
      const entries: (readonly [string, unknown])[] =
        typeof first === "object" && first !== null
          ? Object.entries(first)
          : [[String(first), second]];
      into.options.push(...entries.map(([name, value]) => describeOption(name, value)));
      return;
    }
    case "example":
      into.examples.push([String(first).replaceAll("$0", "virt-appliance"), String(second)]);
      return;
    case "command":
      if (typeof first === "object" && first !== null)
        into.commands.push(noteCommand(first, family));
  }
}

/** Returns a yargs that only records calls. As with yargs, every call returns the same object. */
function recorder(family: string, into: Notes): Argv<GlobalArguments> {
  const model = yargs().options({
    json: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  });
  const recording: typeof model = new Proxy(model, {
    get:
      (_target, call) =>
      (...args: readonly unknown[]) => {
        note(String(call), args, family, into);
        return recording;
      },
  });
  return recording;
}

function noteCommand(
  definition: {
    readonly command?: unknown;
    readonly describe?: unknown;
    readonly builder?: unknown;
  },
  family: string,
): CommandDescription {
  const words = String(definition.command).split(" ");
  const name = [family, words[0] ?? ""].join(" ").trim();
  const notes: Notes = { positionals: [], options: [], examples: [], commands: [] };
  if (typeof definition.builder === "function") definition.builder(recorder(name, notes));
  const usage = words.slice(1).join(" ");
  const order: readonly string[] = usage.match(/\w[\w-]*/g) ?? [];
  const place = (one: OptionDescription): number => order.indexOf(one.name);
  return {
    name,
    usage,
    describe: String(definition.describe),
    ...notes,
    positionals: notes.positionals.sort((a, b) => place(a) - place(b)),
  };
}

const neverRun: Execute = () => Promise.resolve();

/** Returns the description of a command, which it gets by running the definition on a recording yargs. */
export function describeCommand(command: Command): CommandDescription {
  const notes: Notes = { positionals: [], options: [], examples: [], commands: [] };
  addCommand(recorder("", notes), command, neverRun);
  const [description] = notes.commands;
  if (description === undefined) throw new TypeError(`${command.command}: did not define itself`);
  return description;
}
