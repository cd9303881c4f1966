import { type AcceptOperation, describeOperation } from "../../host/index.ts";
import { openHostOf } from "../open-host.ts";
import { defineCommand, type Command } from "../command.ts";
import { writtenLines } from "../terminal/written-lines.ts";
import { connectOption, vmArgument } from "../options/shared-options.ts";

/** `accept VM`: keeps an update and deletes the rollback disks. */
export const command: Command = defineCommand({
  positionals: { vm: vmArgument },
  options: {
    "dry-run": {
      type: "boolean",
      default: false,
      describe: "print the plan, and how much the VM wrote to the disks that would be deleted",
    },
    connect: connectOption,
  },
  run: async (args, cli) => {
    const { vm, json, dryRun } = args;
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const onPlan = ({ removed }: AcceptOperation): void =>
      writtenLines(removed).forEach((line) => cli.context.logger.info(`${vm}: ${line}`));
    const operation = dryRun ? await host.plan.accept(vm) : await host.accept(vm, { onPlan });
    const { version, previous, steps, removed } = operation;
    if (json) cli.printJson({ vm, version, previous, accepted: !dryRun, removed });
    else if (!dryRun) cli.print(`${vm} ${version}`);
    else
      for (const line of [...describeOperation(steps), ...writtenLines(removed)]) cli.print(line);
  },
});
