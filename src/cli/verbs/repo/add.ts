import { readRepository, releaseRepo } from "../../../pipeline/index.ts";
import { keyOptions, openRepositorySigner } from "../../repository-key.ts";
import { sourceDateEpoch } from "../../source-date-epoch.ts";
import { defineVerb } from "../../verb.ts";
import type { Verb } from "../../verb.ts";
import { reportRelease } from "./report-release.ts";

/** `repo add DIR RPM…`: all of them, or none. */
export const addVerb: Verb = defineVerb({
  command: "add <dir> <rpm..>",
  describe: "add packages; clients see all of them at once",
  options: (yargs) =>
    yargs
      .positional("dir", { type: "string", demandOption: true, describe: "the repository" })
      .positional("rpm", { type: "string", array: true, demandOption: true, describe: "packages" })
      .options(keyOptions)
      .option("allow-unsigned", {
        type: "boolean",
        default: false,
        describe: "accept packages without a signature",
      })
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "print the plan as JSON, change nothing",
      })
      .example("$0 repo add out/repo out/*.rpm", "publish what was built"),
  run: async (args, cli) => {
    const epoch = sourceDateEpoch(cli.environment);
    const { key } = await readRepository(args.dir);
    const result = await releaseRepo(
      args.dir,
      {
        add: args.rpm,
        allowUnsigned: args.allowUnsigned,
        dryRun: args.dryRun,
        ...(epoch === undefined ? {} : { timestampSeconds: epoch }),
      },
      { signer: await openRepositorySigner(args, key?.fingerprint, cli) },
      cli.context,
    );
    reportRelease(result, args, cli);
  },
});
