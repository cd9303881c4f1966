import { runDemo } from "./demo.ts";
import { runAsProgram } from "./run-program.ts";

process.exitCode = await runAsProgram(runDemo);
