import { ApplianceError } from "../../errors.ts";
import { makeToolPackage } from "../make-tool-package.ts";
import { keyOptions, openRepositorySigner } from "../repository-key.ts";
import { defineVerb } from "../verb.ts";
import type { Verb } from "../verb.ts";

/** `tool-package -o DIR`: builds virt-appliance itself; its path goes to standard output. */
export const verb: Verb = defineVerb({
  command: "tool-package",
  describe: "build virt-appliance, this command line as a package",
  options: (yargs) =>
    yargs
      .option("output", {
        alias: "o",
        type: "string",
        default: ".",
        describe: "folder for the RPM",
      })
      .option("release", { type: "string", default: "1", describe: "release of the package" })
      .options(keyOptions)
      .example("$0 tool-package -o out --key release", "a signed package for a repository"),
  run: async (args, cli) => {
    const signer = await openRepositorySigner(args, undefined, cli);
    const path = await makeToolPackage(
      { outputFolder: args.output, release: args.release, signer },
      cli,
    );
    if (path === undefined) {
      throw new ApplianceError(
        "CLI_NO_BUNDLE",
        "virt-appliance: this copy of it has no bundle, which the package is made of",
        { hint: "make build makes it, in a source tree" },
      );
    }
    if (args.json) cli.printJson([{ path, signed: signer !== undefined }]);
    else cli.print(path);
  },
});
