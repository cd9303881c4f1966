import { ApplianceError } from "../../errors.ts";
import { describeOperation, type GrowOperation, type GrowRequest } from "../../host/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { openHostOf } from "../open-host.ts";
import { parseSize } from "../options/parse-size.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption, dryRunOption, vmArgument } from "../options/shared-options.ts";

function parseGrowth(text: string): GrowRequest {
  if (text.startsWith("-")) throw new ApplianceError("CLI_USAGE", "SIZE: a disk cannot be shrunk");
  return text.startsWith("+")
    ? { byBytes: parseSize(text.slice(1), "SIZE") }
    : { toBytes: parseSize(text, "SIZE") };
}

/** Returns the remaining steps, which must be done inside the guest. */
function remaining({ subject, disk, isActive }: GrowOperation): readonly string[] {
  const device = `/dev/${disk.target}`;
  return [
    `${subject}: the guest sees the new size ${isActive ? "now" : "at its next start"}`,
    `in the guest, enlarge the partition and file system on ${device}:`,
    `with a partition: growpart ${device} 1, then resize2fs ${device}1 or xfs_growfs MOUNTPOINT`,
    `without one: resize2fs ${device} or xfs_growfs MOUNTPOINT`,
  ];
}

/** `grow VM DISK SIZE`: enlarges a disk. */
export const command: Command = defineCommand({
  positionals: {
    vm: vmArgument,
    disk: {
      type: "string",
      demandOption: true,
      describe: "id of the disk, or its device name in the VM",
    },
    size: {
      type: "string",
      demandOption: true,
      describe: "+5G to add 5 GiB, 20G for a total of 20 GiB",
    },
  },
  options: { "dry-run": dryRunOption, connect: connectOption },
  examples: [["virt-appliance grow vm1 data +5G", "5 GiB more"]],
  run: async (args, cli) => {
    const request = parseGrowth(args.size);
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const operation = await (args.dryRun ? host.plan : host).grow(args.vm, args.disk, request);
    const { disk, fromBytes, toBytes, isActive } = operation;
    if (args.json) {
      const { id, target, path } = disk;
      cli.printJson({ vm: args.vm, disk: id, target, path, fromBytes, toBytes, active: isActive });
      return;
    }
    cli.print(`${args.vm} ${disk.id} ${formatSize(fromBytes)} -> ${formatSize(toBytes)}`);
    if (args.dryRun) for (const line of describeOperation(operation.steps)) cli.print(line);
    if (args.dryRun || fromBytes === toBytes) return;
    for (const line of remaining(operation)) cli.context.logger.info(line);
  },
});
