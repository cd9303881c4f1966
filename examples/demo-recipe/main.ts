import { runAsProgram } from "../demo/run-program.ts";
import { runRecipeDemo } from "./demo.ts";

process.exitCode = await runAsProgram(runRecipeDemo);
