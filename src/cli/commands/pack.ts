import { isRecipeDirectory, packDirectory, packRecipe } from "../../source/index.ts";
import { refuseOther } from "../refuse-existing.ts";
import { sourceDateEpoch } from "../options/source-date-epoch.ts";
import { defineCommand, type Command } from "../command.ts";
import { warnOfProblems } from "../terminal/warn-of-problems.ts";

/** `pack DIR -o FILE`: prints the path of the tarball on standard output, and problems on standard error. */
export const command: Command = defineCommand({
  positionals: {
    directory: {
      type: "string",
      demandOption: true,
      describe: "directory of an appliance or a recipe",
    },
  },
  options: {
    output: {
      alias: "o",
      type: "string",
      demandOption: true,
      describe: "tarball: .tar, .tar.gz, .tgz, .tar.xz or .tar.zst",
    },
    force: {
      type: "boolean",
      default: false,
      describe: "replace an existing file with different content",
    },
  },
  examples: [
    [
      "virt-appliance pack web -o web-1.0.tar.zst",
      "sparse, with checksums, the same bytes each time",
    ],
  ],
  run: async (args, cli) => {
    const epoch = sourceDateEpoch(cli.environment);
    const options = {
      context: cli.context,
      dateSeconds: epoch,
      ...(args.force
        ? {}
        : {
            beforeReplacing: (tarball: string) =>
              refuseOther(args.output, tarball, cli.context.signal),
          }),
    };
    const { problems } = (await isRecipeDirectory(args.directory))
      ? { problems: await packRecipe(args.directory, args.output, options) }
      : await packDirectory(args.directory, args.output, options);
    warnOfProblems(problems, cli.context.logger);
    if (args.json) cli.printJson({ path: args.output, problems });
    else cli.print(args.output);
  },
});
