import { readRepository, releaseRepo } from "../../../pipeline/index.ts";
import { keyOptions, openRepositorySigner } from "../../repository-key.ts";
import { sourceDateEpoch } from "../../source-date-epoch.ts";
import { defineVerb } from "../../verb.ts";
import type { Verb } from "../../verb.ts";
import { reportRelease } from "./report-release.ts";

/** `repo remove DIR NVR…`: all of them, or none. */
export const removeVerb: Verb = defineVerb({
  command: "remove <dir> <nvr..>",
  describe: "remove packages; their files stay for the grace time",
  options: (yargs) =>
    yargs
      .positional("dir", { type: "string", demandOption: true, describe: "the repository" })
      .positional("nvr", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "NAME-VERSION-RELEASE, or with .ARCH",
      })
      .options(keyOptions)
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "print the plan as JSON, change nothing",
      })
      .example("$0 repo remove out/repo web-appliance-1.2-3", "all architectures of one version"),
  run: async (args, cli) => {
    const epoch = sourceDateEpoch(cli.environment);
    const { key } = await readRepository(args.dir);
    const result = await releaseRepo(
      args.dir,
      {
        remove: args.nvr,
        dryRun: args.dryRun,
        ...(epoch === undefined ? {} : { timestampSeconds: epoch }),
      },
      { signer: await openRepositorySigner(args, key?.fingerprint, cli) },
      cli.context,
    );
    reportRelease(result, args, cli);
  },
});
