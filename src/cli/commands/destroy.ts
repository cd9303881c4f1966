import { describeOperation } from "../../host/index.ts";
import { openHostOf } from "../open-host.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption, dryRunOption, vmArgument } from "../options/shared-options.ts";

/** `destroy VM`: deletes a VM made from an appliance, and everything that only this VM uses. */
export const command: Command = defineCommand({
  positionals: { vm: vmArgument },
  options: {
    "keep-data": {
      type: "boolean",
      default: false,
      describe: "keep the data disks",
    },
    stop: {
      type: "boolean",
      default: false,
      describe: "power the VM off when it is running",
    },
    "dry-run": dryRunOption,
    connect: connectOption,
  },
  examples: [["virt-appliance destroy vm1 --stop --keep-data", "delete all except the data disks"]],
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const request = {
      data: args.keepData ? "keep" : "remove",
      running: args.stop ? "stop" : "refuse",
    } as const;
    const { steps, kept } = await (args.dryRun ? host.plan : host).destroy(args.vm, request);
    if (args.json) {
      cli.printJson({
        vm: args.vm,
        destroyed: !args.dryRun,
        kept,
        ...(args.dryRun ? { steps: describeOperation(steps) } : {}),
      });
      return;
    }
    if (args.dryRun) for (const line of describeOperation(steps)) cli.print(line);
    else cli.context.logger.info(`${args.vm}: destroyed`);
    // The result is the list of kept files, one path a line.
    for (const file of kept) cli.print(file);
  },
});
