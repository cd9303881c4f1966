import { ApplianceError } from "../../../errors.ts";
import { openTemporaryFolder } from "../../../lib/atomic.ts";
import { initRepository } from "../../../pipeline/index.ts";
import type { Signer } from "../../../sign/index.ts";
import { makeHostPackage } from "../../make-host-package.ts";
import { makeToolPackage } from "../../make-tool-package.ts";
import { openChosenSigner, signingOptions } from "../../signing-options.ts";
import { sourceDateEpoch } from "../../source-date-epoch.ts";
import { defineVerb } from "../../verb.ts";
import type { Cli, Verb } from "../../verb.ts";
import { reportRelease } from "./run-release.ts";

/** Answers the paths of what hosts need beside appliances. */
async function makeOwnPackages(
  outputFolder: string,
  signer: Signer | undefined,
  cli: Cli,
): Promise<readonly string[]> {
  const host = await makeHostPackage({ outputFolder, signer }, cli);
  const tool = await makeToolPackage({ outputFolder, signer }, cli);
  if (tool !== undefined) return [host, tool];
  cli.context.logger.warn(
    "virt-appliance is not in the repository: this copy of it has no bundle; make build makes it",
  );
  return [host];
}

/** `repo init DIR --name N --base-url URL (--key KEY | --unsigned)`. */
export const initVerb: Verb = defineVerb({
  command: "init <dir>",
  describe: "make a repository in an empty or new folder",
  options: (yargs) =>
    yargs
      .positional("dir", { type: "string", demandOption: true, describe: "folder" })
      .option("name", { type: "string", demandOption: true, describe: "id in .repo files" })
      .option("base-url", {
        type: "string",
        demandOption: true,
        describe: "address of the folder as clients see it",
      })
      .options(signingOptions)
      .option("unsigned", { type: "boolean", default: false, describe: "do not sign the metadata" })
      .option("with", {
        type: "string",
        array: true,
        default: [] as string[],
        describe: "packages to add at once",
      })
      .option("host-package", {
        type: "boolean",
        default: true,
        describe:
          "add the packages virt-appliance-host, which appliances require, and virt-appliance",
      })
      .option("allow-unsigned", {
        type: "boolean",
        default: false,
        describe: "accept packages without a signature",
      })
      .example(
        "$0 repo init out/repo --name appliances --base-url https://example.com/appliances --key release",
        "a signed repository",
      ),
  run: async (args, cli) => {
    if (args.unsigned === (args.key !== undefined)) {
      throw new ApplianceError("CLI_USAGE", "repo init: give either --key or --unsigned", {
        hint: "make a key with: virt-appliance keys generate",
      });
    }
    const epoch = sourceDateEpoch(cli.environment);
    const signer = await openChosenSigner({ ...args, use: "repository" }, cli);
    await using temporary = await openTemporaryFolder(cli.context.temporaryFolder);
    const own = args.hostPackage ? await makeOwnPackages(temporary.path, signer, cli) : [];
    const result = await initRepository(
      args.dir,
      {
        name: args.name,
        baseUrl: args.baseUrl,
        signer,
        packages: [...own, ...args.with],
        allowUnsigned: args.allowUnsigned || args.unsigned,
        ...(epoch === undefined ? {} : { timestampSeconds: epoch }),
      },
      cli.context,
    );
    reportRelease(result, { json: args.json, dryRun: false }, cli);
  },
});
