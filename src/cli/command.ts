import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Context } from "../lib/context.ts";
import type { ProgramVersion } from "./program-version.ts";

/** Options of every command. */
export interface GlobalArguments {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

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

/** One command of the command line, ready for yargs. */
export interface Command {
  /** yargs command: `sign <rpm..>`. */
  readonly command: string;
  readonly describe: string;
  /** True if the words after `--` are passed to another program. */
  readonly passesOn: boolean;
  /** True if an interrupt is the normal end of the command, not a failure. */
  readonly runsUntilInterrupted: boolean;
  readonly configure: (yargs: Argv<GlobalArguments>, execute: Execute) => Argv;
  /** Undefined for a group, whose subcommands run instead. */
  readonly run: ((args: ArgumentsCamelCase<object>, cli: Cli) => Promise<void>) | undefined;
}

/** A command as the overview lists it. Its module is loaded only when needed. */
export interface CommandEntry {
  readonly name: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Runs the chosen command with its parsed arguments. */
export type Execute = (command: Command, args: ArgumentsCamelCase<object>) => Promise<void>;

/** Prints each example below its explanation. In yargs' two columns, long command lines would wrap. */
function withOneColumn<T, U>(yargs: Argv<T>, configure: () => U): U {
  const target: { example: unknown } = yargs;
  const given = yargs.example.bind(yargs);
  target.example = (command: string, text: string): unknown => given(`# ${text}\n${command}`, "");
  try {
    return configure();
  } finally {
    target.example = given;
  }
}

/** Defines a command: its yargs options and the function that runs it. */
export function defineCommand<T>(spec: {
  readonly command: string;
  readonly describe: string;
  readonly passesOn?: boolean;
  readonly runsUntilInterrupted?: boolean;
  readonly options: (yargs: Argv<GlobalArguments>) => Argv<T>;
  readonly run: (args: ArgumentsCamelCase<T>, cli: Cli) => Promise<void>;
}): Command {
  return {
    command: spec.command,
    describe: spec.describe,
    passesOn: spec.passesOn === true,
    runsUntilInterrupted: spec.runsUntilInterrupted === true,
    configure: (yargs) => withOneColumn(yargs, () => spec.options(yargs)),
    run: (args, cli) => spec.run(args as ArgumentsCamelCase<T>, cli),
  };
}

/** Defines a command with subcommands: `repo init`, `repo add`. */
export function defineCommandGroup(spec: {
  readonly command: string;
  readonly describe: string;
  readonly commands: readonly Command[];
}): Command {
  return {
    command: `${spec.command} <command>`,
    describe: spec.describe,
    passesOn: false,
    runsUntilInterrupted: false,
    configure: (yargs, execute) => {
      let result: Argv = yargs;
      for (const command of spec.commands) result = addCommand(result, command, execute);
      return result.demandCommand(1, `${spec.command}: missing command`);
    },
    run: undefined,
  };
}

/** Adds a command to a yargs instance. */
export function addCommand(yargs: Argv, command: Command, execute: Execute): Argv {
  return yargs.command({
    command: command.command,
    describe: command.describe,
    builder: (inner) => command.configure(inner as unknown as Argv<GlobalArguments>, execute),
    handler: async (args) => {
      if (command.run !== undefined) await execute(command, args);
    },
  });
}
