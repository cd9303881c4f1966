import { dryRunOption } from "../../options/dry-run-option.ts";
import { signingOptionsWith } from "../../options/signing-options.ts";
import { defineCommand, type Command } from "../../command.ts";
import { runRelease } from "../../run-release.ts";

/** `repo add DIR RPM…`: adds all of the packages, or none. */
export const command: Command = defineCommand({
  positionals: {
    dir: { type: "string", demandOption: true, describe: "the repository" },
    rpm: { type: "string", array: true, demandOption: true, describe: "packages" },
  },
  options: {
    ...signingOptionsWith("the repository's key"),
    "dry-run": dryRunOption,
    "allow-unsigned": {
      type: "boolean",
      default: false,
      describe: "accept packages without a signature",
    },
    strict: {
      type: "boolean",
      default: false,
      describe: "refuse packages with warnings",
    },
  },
  examples: [["virt-appliance repo add out/repo out/*.rpm", "publish what was built"]],
  run: (args, cli) => {
    const { rpm: add, allowUnsigned, strict } = args;
    return runRelease({ add, allowUnsigned, strict }, args, cli);
  },
});
