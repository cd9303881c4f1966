import { ApplianceError } from "../../src/errors.ts";
import type { Context } from "../../src/lib/context.ts";
import { makeDemoContext } from "./demo-context.ts";
import { makeTell, type Tell } from "./tell.ts";

const EXIT_INTERRUPTED = 130;

/** Runs a demo, and deletes everything that it made. Returns the exit status. */
export async function runAsProgram(
  run: (context: Context, tell: Tell) => Promise<void>,
): Promise<number> {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => controller.abort(new ApplianceError("LIB_INTERRUPTED", "interrupted")));
  }
  const output = {
    write: (text: string): void => {
      process.stdout.write(text);
    },
    colour: process.stdout.isTTY && process.env["NO_COLOR"] === undefined,
  };
  const tell = makeTell(output, () => performance.now());
  try {
    await run(makeDemoContext(controller.signal), tell);
    return 0;
  } catch (error) {
    if (controller.signal.aborted) {
      process.stderr.write("demo: interrupted; everything it made is gone again\n");
      return EXIT_INTERRUPTED;
    }
    if (!(error instanceof ApplianceError)) throw error;
    const details = error.details.map((line) => `  ${line}\n`).join("");
    process.stderr.write(`demo: ${error.message}\n${details}`);
    if (error.hint !== undefined) process.stderr.write(`  hint: ${error.hint}\n`);
    return error.exitCode;
  }
}
