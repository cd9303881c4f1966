import { setImmediate } from "node:timers/promises";
import yargs, { type Argv } from "yargs";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { addCommand, type Execute } from "./add-command.ts";
import { checkValues, withPlainArguments } from "./check-values.ts";
import { checkGlobalOptions, checkWords, usageError } from "./check-words.ts";
import { chooseCommand } from "./choose-command.ts";
import { processContext } from "./process/process-context.ts";
import { type ProgramProcess, thisProcess } from "./process/program-process.ts";
import { globalOptions } from "./options/shared-options.ts";
import { programVersion } from "./process/program-version.ts";
import { renderJson } from "./terminal/render-json.ts";
import { exitCodeOf, renderError } from "./report-error.ts";
import type { Cli } from "./command.ts";
import { commands } from "./commands.ts";

/** Returns `help create` as `create --help`, and `help` as `--help`. */
function withHelpOption(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => !word.startsWith("-"));
  return argv[at] === "help" ? [...argv.toSpliced(at, 1), "--help"] : argv;
}

/** Facts that the parser needs for `--version` and `--help`. */
interface Shown {
  readonly version: string;
  /** Width of the terminal, if there is one. */
  readonly columns: number | undefined;
}

async function parse(typed: readonly string[], shown: Shown, execute: Execute): Promise<void> {
  const argv = withHelpOption(typed);
  checkGlobalOptions(argv);
  const chosen = await chooseCommand(argv, commands);
  if (chosen !== undefined) checkWords(chosen.own, chosen.description);
  const parser: Argv = yargs()
    .scriptName("virt-appliance")
    // The messages of virt-appliance are English only, and the bundle lacks yargs' translations.
    .locale("en")
    .usage(
      "$0 COMMAND …\n\nTurns virtual appliances into signed RPMs and yum repositories, and runs them on KVM hosts.",
    )
    .options(globalOptions)
    .version(shown.version)
    .help()
    .alias("help", "h")
    .strict()
    .parserConfiguration({ "populate--": true, "duplicate-arguments-array": true })
    .wrap(Math.min(120, shown.columns ?? 100))
    .exitProcess(false)
    .demandCommand(1, "missing command")
    .fail((message, error) => {
      // yargs reports its own errors either as a YError or as a message only.
      if (error instanceof Error && error.name !== "YError") throw error;
      if (chosen !== undefined) throw usageError(message, chosen.own, chosen.description);
      throw new ApplianceError("CLI_USAGE", message.replaceAll("\n", " "), {
        hint: "see: virt-appliance --help",
      });
    });
  if (chosen === undefined) {
    for (const { name, summary } of commands)
      parser.command({ command: name, describe: summary, handler: () => {} });
  } else {
    addCommand(parser, chosen, (command, args) => {
      checkValues(argv, args, chosen.description);
      return execute(command, args);
    });
  }
  const passesOn = chosen === undefined || chosen.command?.passesOn === true;
  await parser.parseAsync(passesOn ? argv : withPlainArguments(argv));
}

/**
 * Watches for errors on the output streams. A reader that closes its pipe (`| head`) is not a failure, and the command
 * still completes. Any other error on standard output, such as a full disk, is reported when the command ends.
 */
function watchOutput({ stdout, stderr }: ProgramProcess): { readonly failure: Error | undefined } {
  let failure: Error | undefined;
  stdout.on("error", (error) => {
    if (error.code === "EPIPE") return;
    const known = fileError(error, "standard output");
    failure ??= known instanceof Error ? known : error;
  });
  // An error of standard error cannot be reported anywhere.
  stderr.on("error", () => {});
  return {
    get failure(): Error | undefined {
      return failure;
    },
  };
}

/**
 * Runs the program with its arguments and returns the exit status: 0 done, 1 failed, 2 usage, 3 verification failed,
 * 4 the host lacks something, 130 interrupted. Never throws.
 */
export async function runCommandLine(
  argv: readonly string[],
  ownProcess: ProgramProcess = thisProcess,
): Promise<number> {
  const { environment, stdin, stdout, stderr } = ownProcess;
  let exitCode = 0;
  try {
    const program = await programVersion();
    const signal = ownProcess.watchInterrupts();
    const output = watchOutput(ownProcess);
    const shown = { version: program.version, columns: stdout.columns };
    await parse(argv, shown, async (command, args) => {
      const cli: Cli = {
        context: processContext(ownProcess, signal, {
          quiet: args["quiet"] === true,
          verbose: args["verbose"] === true,
        }),
        environment,
        interactive: stdin.isTTY === true && stderr.isTTY === true,
        program,
        commands,
        print: (line) => void stdout.write(`${line}\n`),
        printJson: (document) => void stdout.write(renderJson(document)),
        setExitCode: (code) => {
          exitCode = code;
        },
      };
      await command.run(args, cli);
      if (signal.aborted && !command.runsUntilInterrupted)
        throw new ApplianceError("LIB_INTERRUPTED", "interrupted");
    });
    await setImmediate();
    if (output.failure !== undefined) throw output.failure;
    return exitCode;
  } catch (error) {
    stderr.write(renderError(error));
    return exitCodeOf(error);
  }
}
