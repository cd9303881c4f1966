import { describeOperation } from "../../host/index.ts";
import { openHostOf } from "../open-host.ts";
import { parseDiskTargets } from "../options/parse-disk-targets.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption, dryRunOption } from "../options/shared-options.ts";

/** `adopt DOMAIN`: makes a domain that virt-install created from a base a VM of its appliance. */
export const command: Command = defineCommand({
  positionals: { domain: { type: "string", demandOption: true, describe: "name of the domain" } },
  options: {
    disk: {
      type: "string",
      array: true,
      nargs: 1,
      describe:
        "DISK=TARGET: the disk DISK of the appliance is TARGET in the domain; DISK=none: it has no such disk",
    },
    boot: {
      type: "number",
      describe:
        "number of the boot descriptor, counted from 0 (default: the only one that fits the domain)",
    },
    "dry-run": dryRunOption,
    connect: connectOption,
  },
  examples: [["virt-appliance adopt web01 --disk data=vdb", "its disk vdb holds the data"]],
  run: async (args, cli) => {
    const request = { disks: parseDiskTargets(args.disk ?? []), boot: args.boot };
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const act = args.dryRun ? host.plan : host;
    const { steps, instance, notes } = await act.adopt(args.domain, request);
    if (args.json) {
      cli.printJson({ vm: args.domain, adopted: !args.dryRun, ...instance, notes });
      return;
    }
    if (args.dryRun) for (const line of describeOperation(steps)) cli.print(line);
    const { version, release } = instance.current;
    cli.print(`${args.domain}: ${instance.appliance} ${version}-${release}`);
  },
});
