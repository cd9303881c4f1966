import { signingOptionsWith } from "../../options/signing-options.ts";
import { defineCommand, type Command } from "../../command.ts";
import { runRelease } from "../../run-release.ts";
import { dryRunOption, repositoryArgument } from "../../options/shared-options.ts";

/** `repo remove DIR NVR…`: removes all of the packages, or none. */
export const command: Command = defineCommand({
  positionals: {
    dir: repositoryArgument,
    nvr: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "NAME-VERSION-RELEASE or NAME-VERSION-RELEASE.ARCH",
    },
  },
  options: { ...signingOptionsWith("the repository's key"), "dry-run": dryRunOption },
  examples: [
    ["virt-appliance repo remove out/repo web-appliance-1.2-3", "all architectures of one version"],
  ],
  run: (args, cli) => runRelease({ remove: args.nvr }, args, cli),
});
