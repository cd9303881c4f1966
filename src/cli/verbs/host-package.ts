import { makeHostPackage } from "../make-host-package.ts";
import { keyOptions, openRepositorySigner } from "../repository-key.ts";
import { defineVerb } from "../verb.ts";
import type { Verb } from "../verb.ts";

/** `host-package -o DIR`: builds virt-appliance-host; its path goes to standard output. */
export const verb: Verb = defineVerb({
  command: "host-package",
  describe: "build virt-appliance-host, which every appliance requires",
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
      .example("$0 host-package -o out --key release", "a signed package for a repository"),
  run: async (args, cli) => {
    const signer = await openRepositorySigner(args, undefined, cli);
    const path = await makeHostPackage(
      { outputFolder: args.output, release: args.release, signer },
      cli,
    );
    if (args.json) cli.printJson([{ path, signed: signer !== undefined }]);
    else cli.print(path);
  },
});
