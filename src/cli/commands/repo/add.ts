import { signingOptionsWith } from "../../options/signing-options.ts";
import { defineCommand, type Command } from "../../command.ts";
import { runRelease } from "../../run-release.ts";
import {
  allowUnsignedOption,
  dryRunOption,
  packagesArgument,
  repositoryArgument,
} from "../../options/shared-options.ts";

/** `repo add DIR RPM…`: adds all of the packages, or none. */
export const command: Command = defineCommand({
  positionals: {
    dir: repositoryArgument,
    rpm: packagesArgument,
  },
  options: {
    ...signingOptionsWith("the repository's key"),
    "dry-run": dryRunOption,
    "allow-unsigned": allowUnsignedOption,
    strict: {
      type: "boolean",
      default: false,
      describe: "refuse packages with warnings",
    },
    move: {
      type: "boolean",
      default: false,
      describe:
        "remove the files once the packages are published; files of yours on the same file system are not copied",
    },
  },
  examples: [["virt-appliance repo add out/repo out/*.rpm", "publish what was built"]],
  run: (args, cli) => {
    const { rpm: add, allowUnsigned, strict, move } = args;
    const sources = move ? "removed" : "kept";
    return runRelease({ add, allowUnsigned, strict, sources }, args, cli);
  },
});
