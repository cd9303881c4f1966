import { engineOptions, readEngine } from "../options/engine-options.ts";
import { identityOptions, readIdentity } from "../options/identity-options.ts";
import { openChosenSigner, signingOptionsWith } from "../options/signing-options.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import type { OwnPackageRequest } from "./own-package-request.ts";

/** Defines a command that builds one of virt-appliance's own packages and prints its path on standard output. */
export function definePackageCommand(spec: {
  /** As typed: `host-package`. */
  readonly name: string;
  /** Builds the package and returns its path. */
  readonly make: (request: OwnPackageRequest, cli: Cli) => Promise<string>;
}): Command {
  return defineCommand({
    options: {
      output: {
        alias: "o",
        type: "string",
        default: ".",
        describe: "folder for the RPM",
      },
      release: { type: "string", default: "1", describe: "release of the package" },
      ...identityOptions("none"),
      ...engineOptions,
      ...signingOptionsWith("do not sign"),
    },
    examples: [
      [`virt-appliance ${spec.name} -o out --key release`, "a signed package for a repository"],
    ],
    run: async (args, cli) => {
      const signer = await openChosenSigner(args, cli);
      const identity = await readIdentity(args, cli);
      const engine = await readEngine(args);
      const { output: outputFolder, release } = args;
      const request = { outputFolder, release, identity, engine, signer };
      const path = await spec.make(request, cli);
      if (args.json) cli.printJson([{ path, signed: signer !== undefined }]);
      else cli.print(path);
    },
  });
}
