import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Context } from "../lib/context.ts";
import type { ProgramVersion } from "./program-version.ts";

/** Options that every verb has. */
export interface GlobalArguments {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What a verb gets besides its arguments: the only door to the process. */
export interface Cli {
  readonly context: Context;
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether standard input and standard error are a terminal, so that a question can be asked. */
  readonly interactive: boolean;
  readonly program: ProgramVersion;
  /** All commands, for what describes the program. */
  readonly verbs: readonly VerbEntry[];
  /** Writes one line of the result to standard output. */
  print(line: string): void;
  /** Writes the result to standard output as one JSON document. */
  printJson(document: unknown): void;
  /** Makes the program end with this status although the verb returns: for answers that mean "no". */
  setExitCode(code: number): void;
}

/** One verb of the command line, ready for yargs. */
export interface Verb {
  /** yargs command: `sign <rpm..>`. */
  readonly command: string;
  readonly describe: string;
  /** What stands behind `--` is not the verb's but another program's. */
  readonly passesOn: boolean;
  /** To be interrupted is how it ends, and no failure. */
  readonly runsUntilInterrupted: boolean;
  readonly configure: (yargs: Argv<GlobalArguments>, execute: Execute) => Argv;
  /** Undefined for a group, whose sub-verbs run. */
  readonly run: ((args: ArgumentsCamelCase<object>, cli: Cli) => Promise<void>) | undefined;
}

/** A verb as the overview lists it; its module is loaded only when it is asked for. */
export interface VerbEntry {
  readonly name: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly verb: Verb }>;
}

/** Runs the chosen verb with its parsed arguments. */
export type Execute = (verb: Verb, args: ArgumentsCamelCase<object>) => Promise<void>;

/** Lets examples stand above their descriptions: in two columns a command breaks in the middle. */
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

/** Defines a verb: its options as yargs types them, and what it does with them. */
export function defineVerb<T>(spec: {
  readonly command: string;
  readonly describe: string;
  readonly passesOn?: boolean;
  readonly runsUntilInterrupted?: boolean;
  readonly options: (yargs: Argv<GlobalArguments>) => Argv<T>;
  readonly run: (args: ArgumentsCamelCase<T>, cli: Cli) => Promise<void>;
}): Verb {
  return {
    command: spec.command,
    describe: spec.describe,
    passesOn: spec.passesOn === true,
    runsUntilInterrupted: spec.runsUntilInterrupted === true,
    configure: (yargs) => withOneColumn(yargs, () => spec.options(yargs)),
    run: (args, cli) => spec.run(args as ArgumentsCamelCase<T>, cli),
  };
}

/** Defines a verb that is a family of others: `repo init`, `repo add`. */
export function defineVerbGroup(spec: {
  readonly command: string;
  readonly describe: string;
  readonly verbs: readonly Verb[];
}): Verb {
  return {
    command: `${spec.command} <command>`,
    describe: spec.describe,
    passesOn: false,
    runsUntilInterrupted: false,
    configure: (yargs, execute) => {
      let result: Argv = yargs;
      for (const verb of spec.verbs) result = addVerb(result, verb, execute);
      return result.demandCommand(1, `${spec.command}: missing command`);
    },
    run: undefined,
  };
}

/** Adds a verb to a yargs instance. */
export function addVerb(yargs: Argv, verb: Verb, execute: Execute): Argv {
  return yargs.command({
    command: verb.command,
    describe: verb.describe,
    builder: (inner) => verb.configure(inner as unknown as Argv<GlobalArguments>, execute),
    handler: async (args) => {
      if (verb.run !== undefined) await execute(verb, args);
    },
  });
}
