import { fileURLToPath } from "node:url";
import type { Context } from "../../src/lib/context.ts";
import type { Command, Sample } from "../model.ts";

const MEASURE = fileURLToPath(new URL("measure-command.py", import.meta.url));
const TIMEOUT_MS = 1_800_000;

/** Runs a command, and returns what it took. */
export async function measureCommand(command: Command, context: Context): Promise<Sample> {
  const { env, cwd, acceptExitCodes } = command;
  const run =
    command.run ??
    ((argv, options) => {
      const [program = "", ...args] = argv;
      return context.run(program, args, { ...options, endsChildren: true });
    });
  const { stdout } = await run(["python3", command.measure ?? MEASURE, ...command.argv], {
    timeoutMs: TIMEOUT_MS,
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(acceptExitCodes === undefined ? {} : { acceptExitCodes }),
  });
  return JSON.parse(stdout) as Sample;
}
