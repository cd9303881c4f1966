import type { InferredOptionType, Options } from "yargs";
import type { Context } from "../lib/context.ts";
import type { ProgramVersion } from "./process/program-version.ts";

/** Context of a command besides its arguments. Commands access the process only through it. */
export interface Cli {
  readonly context: Context;
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True if standard input and standard error are terminals, so that the command can ask questions. */
  readonly interactive: boolean;
  readonly program: ProgramVersion;
  /** All commands, for the manual page and the completion. */
  readonly commands: readonly CommandEntry[];
  /** Writes one line of the result to standard output. */
  print(line: string): void;
  /** Writes the result to standard output as one JSON document. */
  printJson(document: unknown): void;
  /** Sets the exit status of a command that returns normally, for results that mean "no". */
  setExitCode(code: number): void;
}

/** An option or an argument as data, in the words of yargs. */
export interface OptionDefinition extends Readonly<
  Pick<
    Options,
    | "alias"
    | "array"
    | "choices"
    | "conflicts"
    | "default"
    | "demandOption"
    | "hidden"
    | "implies"
    | "nargs"
    | "requiresArg"
  >
> {
  readonly type?: "boolean" | "number" | "string";
  readonly describe: string;
}

/** Options by their names, without dashes; or arguments, in the order of the command line. */
export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** Options of every command. */
export interface GlobalArguments {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** Values of options or arguments, by their names in camel case; without definitions, no values. */
type ValuesOf<Definitions extends OptionDefinitions> = [Definitions] extends [never]
  ? unknown
  : {
      readonly [Name in keyof Definitions & string as CamelCase<Name>]: InferredOptionType<
        Definitions[Name]
      >;
    };

/** A parsed command line, before its values get their types. */
export type ParsedArguments = Readonly<Record<string, unknown>>;

/** An example command line, and what it does or shows. */
export type Example = readonly [line: string, text: string];

/** Meanings of exit statuses, without a subject: `the host lacks something`. */
export type ExitStatuses = Readonly<Record<number, string>>;

/** One command as data: arguments, options, examples, and the function that runs it. */
export interface Command {
  readonly positionals: OptionDefinitions;
  readonly options: OptionDefinitions;
  readonly examples: readonly Example[];
  /** Exit statuses that mean something special to this command. */
  readonly exitStatuses: ExitStatuses;
  /** True if the words after `--` are passed to another program. */
  readonly passesOn: boolean;
  /** True if an interrupt is the normal end of the command, not a failure. */
  readonly runsUntilInterrupted: boolean;
  readonly run: (args: ParsedArguments, cli: Cli) => Promise<void>;
}

/** A command as the overview lists it. Its module is loaded only when needed. */
export interface SingleCommandEntry {
  readonly name: string;
  /** One line for the overview, the help, the manual page and the reference. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** A command with subcommands: `repo init`, `repo add`. */
export interface CommandGroupEntry {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly SingleCommandEntry[];
}

export type CommandEntry = SingleCommandEntry | CommandGroupEntry;

/** Defines a command. The types of its arguments follow from the definitions of its arguments and options. */
export function defineCommand<
  Positionals extends OptionDefinitions = never,
  Opts extends OptionDefinitions = never,
>(spec: {
  readonly positionals?: Positionals;
  readonly options?: Opts;
  readonly examples?: readonly Example[];
  readonly exitStatuses?: ExitStatuses;
  readonly passesOn?: boolean;
  readonly runsUntilInterrupted?: boolean;
  readonly run: (
    args: GlobalArguments & ValuesOf<Positionals> & ValuesOf<Opts> & { readonly "--"?: unknown },
    cli: Cli,
  ) => Promise<void>;
}): Command {
  return {
    positionals: spec.positionals ?? {},
    options: spec.options ?? {},
    examples: spec.examples ?? [],
    exitStatuses: spec.exitStatuses ?? {},
    passesOn: spec.passesOn === true,
    runsUntilInterrupted: spec.runsUntilInterrupted === true,
    run: (args, cli) => spec.run(args as Parameters<typeof spec.run>[0], cli),
  };
}
