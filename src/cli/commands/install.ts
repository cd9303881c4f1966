import path from "node:path";
import { describeOperation } from "../../host/index.ts";
import { type StagedAppliance, withStagedAppliance } from "../../pipeline/index.ts";
import { openHostOf } from "../open-host.ts";
import { defineCommand, type Command } from "../command.ts";
import { warnOfProblems } from "../terminal/warn-of-problems.ts";
import { dryRunOption, keepRawOption, versionOptions } from "../options/shared-options.ts";

/** `install SOURCE`: adds an appliance to the pool and the catalogue, without a package. */
export const command: Command = defineCommand({
  positionals: {
    source: {
      type: "string",
      demandOption: true,
      describe: "appliance tarball or directory",
    },
  },
  options: {
    ...versionOptions,
    "keep-raw": keepRawOption,
    "dry-run": dryRunOption,
  },
  examples: [
    [
      "virt-appliance install web-1.2.tar.gz && virt-appliance create web vm1",
      "try it before packaging it",
    ],
  ],
  exitStatuses: { 1: "also when unpacking or registration is not complete; see reconcile" },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: undefined, changes: true });
    const use = async (staged: StagedAppliance): Promise<void> => {
      warnOfProblems(staged.warnings, cli.context.logger);
      if (args.dryRun) {
        const { steps } = await host.plan.install(staged);
        if (args.json) cli.printJson(steps);
        else for (const line of describeOperation(steps)) cli.print(line);
        cli.context.logger.info(
          "nothing was changed; after the installation, reconcile unpacks its bases and registers it",
        );
        return;
      }
      const { subject: id, complete } = await host.install(staged);
      if (args.json) cli.printJson({ id, complete });
      else cli.print(id);
      if (!complete) cli.setExitCode(1);
    };
    const options = {
      // On the file system of the payload, so that converted images can be renamed into place.
      outputFolder: path.dirname(host.paths.payloadDir),
      package: { release: args.release, version: args.applianceVersion },
      images: { keepRaw: args.keepRaw },
    };
    await withStagedAppliance(args.source, options, { context: cli.context, use });
  },
});
