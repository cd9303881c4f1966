import { unpackSource } from "../../source/index.ts";
import { maxSizeOption, sourceLimits } from "../max-size.ts";
import { defineVerb } from "../verb.ts";
import type { Verb } from "../verb.ts";
import { warnOfProblems } from "../warn-of-problems.ts";

/** `unpack SOURCE -d DIR`: the path of the new folder goes to standard output. */
export const verb: Verb = defineVerb({
  command: "unpack <source>",
  describe: "make a directory of an appliance tarball",
  options: (yargs) =>
    yargs
      .positional("source", {
        type: "string",
        demandOption: true,
        describe: "appliance tarball",
      })
      .option("directory", {
        alias: "d",
        type: "string",
        demandOption: true,
        describe: "folder to make; it must not hold anything yet",
      })
      .option("max-size", maxSizeOption)
      .example("$0 unpack web-1.0.tar.gz -d web", "disks sparse, checksums verified"),
  run: async (args, cli) => {
    const { problems } = await unpackSource(args.source, args.directory, {
      context: cli.context,
      ...sourceLimits(args),
    });
    warnOfProblems(problems, cli.context.logger);
    if (args.json) cli.printJson({ path: args.directory, problems });
    else cli.print(args.directory);
  },
});
