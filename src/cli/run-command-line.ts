import yargs from "yargs";
import type { Argv } from "yargs";
import { ApplianceError } from "../errors.ts";
import { checkVerb, checkWords } from "./check-words.ts";
import { describeVerb } from "./describe-verb.ts";
import { processContext, processSignal } from "./process-context.ts";
import { programVersion } from "./program-version.ts";
import { renderJson } from "./render-json.ts";
import { exitCodeOf, renderError } from "./report-error.ts";
import { addVerb } from "./verb.ts";
import type { Cli, Execute } from "./verb.ts";
import { verbs } from "./verbs.ts";

/** Global options take no value, so the first word without a dash is the verb. */
function chosenVerb(argv: readonly string[]): string | undefined {
  return argv.find((word) => !word.startsWith("-"));
}

function usageError(message: string, chosen: string | undefined): ApplianceError {
  const verb = verbs.some((entry) => entry.name === chosen) ? ` ${chosen ?? ""}` : "";
  return new ApplianceError("CLI_USAGE", message.replaceAll("\n", " "), {
    hint: `see: virt-appliance${verb} --help`,
  });
}

async function makeParser(
  argv: readonly string[],
  version: string,
  execute: Execute,
): Promise<Argv> {
  const chosen = chosenVerb(argv);
  if (chosen !== undefined) {
    checkVerb(
      chosen,
      verbs.map(({ name }) => name),
    );
  }
  let parser: Argv = yargs()
    .scriptName("virt-appliance")
    // Its translations would stand between our own English, and are not in the bundle.
    .locale("en")
    .usage(
      "$0 VERB …\n\nTurns virtual appliances into signed RPMs and yum repositories, and runs them on KVM hosts.",
    )
    .option("json", { type: "boolean", default: false, describe: "one JSON document on stdout" })
    .option("quiet", {
      type: "boolean",
      default: false,
      describe: "only warnings and errors on stderr",
    })
    .option("verbose", { type: "boolean", default: false, describe: "say more on stderr" })
    .version(version)
    .help()
    .alias("help", "h")
    .strict()
    .parserConfiguration({ "populate--": true, "duplicate-arguments-array": true })
    .wrap(Math.min(120, process.stdout.columns ?? 100))
    .exitProcess(false)
    .demandCommand(1, "say what to do: a verb is missing")
    .fail((message, error) => {
      if (error instanceof Error) throw error;
      throw usageError(message, chosen);
    });
  for (const entry of verbs) {
    if (entry.name === chosen) {
      const { verb } = await entry.load();
      checkWords(argv.slice(argv.indexOf(chosen) + 1), describeVerb(verb));
      parser = addVerb(parser, verb, execute);
    } else {
      parser = parser.command({ command: entry.name, describe: entry.describe, handler: () => {} });
    }
  }
  return parser;
}

/**
 * Runs the program with its arguments and answers the exit status: 0 done, 1 failed, 2 usage, 3 verification failed,
 * 4 the host lacks something, 130 interrupted. Never throws.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  try {
    const program = await programVersion();
    const signal = processSignal();
    // A reader that stops reading (`| head`) is no failure.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(exitCode);
      throw error;
    });
    const parser = await makeParser(argv, program.version, async (verb, args) => {
      const cli: Cli = {
        context: processContext(signal, {
          quiet: args["quiet"] === true,
          verbose: args["verbose"] === true,
        }),
        environment: process.env,
        interactive: process.stdin.isTTY && process.stderr.isTTY,
        program,
        print: (line) => write(`${line}\n`),
        printJson: (document) => write(renderJson(document)),
        setExitCode: (code) => {
          exitCode = code;
        },
      };
      await verb.run?.(args, cli);
      if (signal.aborted) throw new ApplianceError("LIB_INTERRUPTED", "interrupted");
    });
    await parser.parseAsync(argv);
    return exitCode;
  } catch (error) {
    process.stderr.write(renderError(error));
    return exitCodeOf(error);
  }
}
