import { describeOperation, type RollbackOperation } from "../../host/index.ts";
import { writtenLines } from "../terminal/written-lines.ts";
import { openHostOf } from "../open-host.ts";
import { stopOptions, stopRequestOf } from "../options/update-options.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption, dryRunOption, vmArgument } from "../options/shared-options.ts";

function planLines({ subject, from, to, steps, removed, notes }: RollbackOperation): string[] {
  return [
    `${subject}: ${from} -> ${to}`,
    ...describeOperation(steps),
    ...writtenLines(removed).map((line) => `note: ${line}`),
    ...notes.map((note) => `note: ${note}`),
  ];
}

/** `rollback VM`: returns a VM to the version before its update. */
export const command: Command = defineCommand({
  positionals: { vm: vmArgument },
  options: {
    ...stopOptions,
    "dry-run": dryRunOption,
    connect: connectOption,
  },
  run: async (args, cli) => {
    const { vm, json, dryRun } = args;
    const request = stopRequestOf(args);
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const onPlan = (operation: RollbackOperation): void =>
      planLines(operation).forEach((line) => cli.context.logger.info(line));
    const operation = dryRun
      ? await host.plan.rollback(vm, request)
      : await host.rollback(vm, { ...request, onPlan });
    const { from, to, removed, notes } = operation;
    if (json) cli.printJson({ vm, from, to, rolledBack: !dryRun, removed, notes });
    else if (dryRun) for (const line of planLines(operation)) cli.print(line);
    else cli.print(`${vm} ${from} -> ${to}`);
  },
});
