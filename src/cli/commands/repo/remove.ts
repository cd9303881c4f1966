import { dryRunOption } from "../../dry-run-option.ts";
import { signingOptionsWith } from "../../signing-options.ts";
import { defineCommand, type Command } from "../../command.ts";
import { runRelease } from "./run-release.ts";

/** `repo remove DIR NVR…`: removes all of the packages, or none. */
export const removeCommand: Command = defineCommand({
  command: "remove <dir> <nvr..>",
  describe: "remove packages; keep their files for the grace time",
  options: (yargs) =>
    yargs
      .positional("dir", { type: "string", demandOption: true, describe: "the repository" })
      .positional("nvr", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "NAME-VERSION-RELEASE or NAME-VERSION-RELEASE.ARCH",
      })
      .options(signingOptionsWith("the repository's key"))
      .option("dry-run", dryRunOption)
      .example("$0 repo remove out/repo web-appliance-1.2-3", "all architectures of one version"),
  run: (args, cli) => runRelease({ remove: args.nvr }, args, cli),
});
