import path from "node:path";
import { describeOperation } from "../../host/index.ts";
import { openHostOf } from "../open-host.ts";
import { parseDuration } from "../options/parse-duration.ts";
import { checkApplianceName } from "../options/appliance-name.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption, dryRunOption, vmArgument } from "../options/shared-options.ts";

/** `export VM`: writes a VM as an appliance directory, for an archive or for a new build. */
export const command: Command = defineCommand({
  positionals: { vm: vmArgument },
  options: {
    output: {
      alias: "o",
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "directory to write; it must be missing or empty",
    },
    name: {
      type: "string",
      describe: "name of the appliance (default: the name of the VM)",
    },
    stop: {
      type: "boolean",
      default: false,
      describe: "shut the VM down when it is running",
    },
    "stop-timeout": {
      type: "string",
      default: "2m",
      requiresArg: true,
      describe: "longest time for the shutdown: 30s, 2m",
    },
    start: {
      type: "boolean",
      default: false,
      describe: "start the VM again when it was shut down",
    },
    "dry-run": dryRunOption,
    connect: connectOption,
  },
  examples: [["virt-appliance export vm1 -o vm1-archive --stop --start", "archive a running VM"]],
  run: async (args, cli) => {
    checkApplianceName(args.name);
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const act = args.dryRun ? host.plan : host;
    const { folder, appliance, steps, notes } = await act.export(args.vm, {
      folder: path.resolve(args.output),
      name: args.name,
      running: args.stop ? "stop" : "refuse",
      stopSeconds: parseDuration(args.stopTimeout, "--stop-timeout") / 1000,
      start: args.start,
    });
    if (args.json) {
      const { name, version, release, disks } = appliance;
      cli.printJson({
        vm: args.vm,
        exported: !args.dryRun,
        folder,
        name,
        version,
        release,
        disks,
        notes,
      });
      return;
    }
    if (args.dryRun) for (const line of describeOperation(steps)) cli.print(line);
    else cli.print(folder);
  },
});
