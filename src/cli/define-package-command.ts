import type { Signer } from "../sign/index.ts";
import { identityOptions, type PackageIdentity, readIdentity } from "./identity-options.ts";
import { openChosenSigner, signingOptionsWith } from "./signing-options.ts";
import { type Cli, defineCommand, type Command } from "./command.ts";

/** Options for building one of virt-appliance's own packages. */
export interface OwnPackageRequest {
  readonly outputFolder: string;
  readonly release: string;
  readonly identity: PackageIdentity;
  /** Undefined: the package is not signed. */
  readonly signer: Signer | undefined;
}

/** Defines a command that builds one of virt-appliance's own packages and prints its path on standard output. */
export function definePackageCommand(spec: {
  readonly command: string;
  readonly describe: string;
  /** Builds the package and returns its path. */
  readonly make: (request: OwnPackageRequest, cli: Cli) => Promise<string>;
}): Command {
  return defineCommand({
    command: spec.command,
    describe: spec.describe,
    options: (yargs) =>
      yargs
        .option("output", {
          alias: "o",
          type: "string",
          default: ".",
          describe: "folder for the RPM",
        })
        .option("release", { type: "string", default: "1", describe: "release of the package" })
        .options(identityOptions("none"))
        .options(signingOptionsWith("do not sign"))
        .example(`$0 ${spec.command} -o out --key release`, "a signed package for a repository"),
    run: async (args, cli) => {
      const signer = await openChosenSigner(args, cli);
      const identity = await readIdentity(args, cli);
      const request = { outputFolder: args.output, release: args.release, identity, signer };
      const path = await spec.make(request, cli);
      if (args.json) cli.printJson([{ path, signed: signer !== undefined }]);
      else cli.print(path);
    },
  });
}
