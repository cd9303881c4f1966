import { ApplianceError } from "../../../errors.ts";
import { openTemporaryFolder } from "../../../lib/atomic.ts";
import { initRepository } from "../../../repository/index.ts";
import { openChosenSigner, signingOptionsWith } from "../../options/signing-options.ts";
import { sourceDateEpoch } from "../../options/source-date-epoch.ts";
import { defineCommand, type Command } from "../../command.ts";
import { reportRelease } from "../../run-release.ts";
import { allowUnsignedOption } from "../../options/shared-options.ts";

/** `repo init DIR --name N --base-url URL (--key KEY | --signer WHO | --unsigned)`: creates a repository. */
export const command: Command = defineCommand({
  positionals: {
    dir: {
      type: "string",
      demandOption: true,
      describe: "folder of the repository",
    },
  },
  options: {
    name: {
      type: "string",
      demandOption: true,
      describe: "id of the repository in .repo files",
    },
    "base-url": {
      type: "string",
      demandOption: true,
      describe: "URL of the folder as clients see it",
    },
    ...signingOptionsWith("none, with --unsigned"),
    unsigned: { type: "boolean", default: false, describe: "do not sign the metadata" },
    with: {
      type: "string",
      array: true,
      default: [] as string[],
      describe: "packages to publish initially",
    },
    "host-package": {
      type: "boolean",
      default: true,
      describe:
        "add the packages virt-appliance-host, which appliances require, and virt-appliance",
    },
    "allow-unsigned": allowUnsignedOption,
  },
  examples: [
    [
      "virt-appliance repo init out/repo --name appliances --base-url https://example.com/appliances --key release",
      "a signed repository",
    ],
  ],
  run: async (args, cli) => {
    if (args.unsigned === (args.key !== undefined || args.signer !== undefined)) {
      const expected = "expected either --key, --signer or --unsigned";
      throw new ApplianceError("CLI_USAGE", `repo init: ${expected}`, {
        hint: "generate a key with: virt-appliance keys generate",
      });
    }
    // Loaded here, because other commands do not build packages. Loaded before the work starts, because an upgrade of
    // the program in the meantime would remove modules that are not yet loaded.
    const make = args.hostPackage
      ? (await import("../../own-packages/make-own-packages.ts")).makeOwnPackages
      : undefined;
    const epoch = sourceDateEpoch(cli.environment);
    const signer = await openChosenSigner({ ...args, use: "repository" }, cli);
    await using temporary = await openTemporaryFolder(cli.context.temporaryFolder);
    const own = (await make?.(temporary.path, signer, cli)) ?? [];
    const result = await initRepository(
      args.dir,
      {
        name: args.name,
        baseUrl: args.baseUrl,
        signer,
        packages: [...own, ...args.with],
        allowUnsigned: args.allowUnsigned || args.unsigned,
        timestampSeconds: epoch,
      },
      cli.context,
    );
    reportRelease(result, { json: args.json, dryRun: false }, cli);
  },
});
