import { describeOperation, type LeftBase } from "../../host/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { openHostOf } from "../open-host.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption, dryRunOption } from "../options/shared-options.ts";

function lineOf({ file, bytes, users }: LeftBase): string {
  const reason = users.length === 0 ? "until gc deletes it" : `for ${users.join(", ")}`;
  return `${file}: kept ${reason}, ${formatSize(bytes)}`;
}

/** `uninstall NAME`: removes an appliance that `install` added. Keeps its bases, as the removal of a package does. */
export const command: Command = defineCommand({
  positionals: {
    name: {
      type: "string",
      demandOption: true,
      describe: "NAME, NAME-VERSION or NAME-VERSION-RELEASE",
    },
  },
  options: { "dry-run": dryRunOption, connect: connectOption },
  examples: [
    [
      "virt-appliance uninstall web-1.2-3 && virt-appliance gc",
      "delete its bases as well, once they are unused",
    ],
  ],
  exitStatuses: { 1: "also when reconcile, which runs at the end, does not complete" },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const { logger } = cli.context;
    const planned = args.dryRun
      ? { ...(await host.plan.uninstall(args.name)), complete: true }
      : await host.uninstall(args.name);
    const { subject: id, bases, obstacles, steps, complete } = planned;
    for (const obstacle of obstacles) logger.warn(obstacle);
    if (!complete) cli.setExitCode(1);
    if (args.json) {
      const more = args.dryRun ? { steps } : {};
      return cli.printJson({ id, uninstalled: !args.dryRun, bases, complete, ...more });
    }
    if (args.dryRun) for (const line of describeOperation(steps)) cli.print(line);
    else cli.print(id);
    for (const base of bases) logger.info(lineOf(base));
  },
});
