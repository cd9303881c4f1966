#!/usr/bin/env node
import { exitCodeOf, renderError } from "./report-error.ts";

try {
  // Loading the program can fail as well: of a limit on open files, or of a disk that cannot be read.
  const { runCommandLine } = await import("./run-command-line.ts");
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (error) {
  process.stderr.write(renderError(error));
  process.exitCode = exitCodeOf(error);
}
