import path from "node:path";
import { findRecipe, unpackRecipe, unpackSource } from "../../source/index.ts";
import { maxSizeOption, sourceLimits } from "../options/max-size.ts";
import { defineCommand, type Command } from "../command.ts";
import { warnOfProblems } from "../terminal/warn-of-problems.ts";

/** `unpack SOURCE -d DIR`: unpacks a tarball, and prints the path of the new folder on standard output. */
export const command: Command = defineCommand({
  positionals: {
    source: {
      type: "string",
      demandOption: true,
      describe: "tarball of an appliance or a recipe",
    },
  },
  options: {
    directory: {
      alias: "d",
      type: "string",
      demandOption: true,
      describe: "directory to write; it must be missing or empty",
    },
    "max-size": maxSizeOption,
  },
  examples: [["virt-appliance unpack web-1.0.tar.gz -d web", "disks sparse, checksums verified"]],
  run: async (args, cli) => {
    const { context } = cli;
    await using recipe = await findRecipe(args.source, context, {
      ...sourceLimits(args),
      temporaryFolder: path.join(args.directory, ".."),
    });
    const problems =
      recipe === undefined
        ? (await unpackSource(args.source, args.directory, { context, ...sourceLimits(args) }))
            .problems
        : await unpackRecipe(recipe.folder, args.directory, { context, name: args.source });
    warnOfProblems(problems, cli.context.logger);
    if (args.json) cli.printJson({ path: args.directory, problems });
    else cli.print(args.directory);
  },
});
