#!/usr/bin/env node
import { exitCodeOf, renderError } from "./report-error.ts";

try {
  // Loading the program can fail too, for example at the limit of open files or on a disk read error.
  const { runCommandLine } = await import("./run-command-line.ts");
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (error) {
  process.stderr.write(renderError(error));
  process.exitCode = exitCodeOf(error);
}
