import { checkRepository, repairRepository } from "../../../pipeline/index.ts";
import { defineVerb } from "../../verb.ts";
import type { Verb } from "../../verb.ts";

const VERIFICATION_FAILED = 3;

/** `repo check DIR`: exit status 3 when something is wrong. */
export const checkVerb: Verb = defineVerb({
  command: "check <dir>",
  describe: "check signature, metadata and every package as clients find them",
  options: (yargs) =>
    yargs.positional("dir", { type: "string", demandOption: true, describe: "the repository" }),
  run: async (args, cli) => {
    await repairRepository(args.dir, cli.context);
    const result = await checkRepository(args.dir, cli.context);
    if (!result.ok) cli.setExitCode(VERIFICATION_FAILED);
    if (args.json) {
      cli.printJson({ ...result, generation: result.generation ?? null });
      return;
    }
    for (const problem of result.problems) cli.print(problem);
    if (!result.ok) return;
    const count = `${result.packages} package${result.packages === 1 ? "" : "s"}`;
    cli.print(`generation ${result.generation ?? ""}: ${count}, all well`);
  },
});
