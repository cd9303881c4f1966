import {
  describeOperation,
  prepareRollback,
  type RollbackOperation,
  rollbackVm,
} from "../../host/index.ts";
import { connectOption } from "../options/connect-option.ts";
import { dryRunOption } from "../options/dry-run-option.ts";
import { writtenLines } from "../terminal/written-lines.ts";
import { openHostOf } from "../open-host.ts";
import { STOP_SECONDS, stopRequestOf } from "../options/update-options.ts";
import { defineCommand, type Command } from "../command.ts";

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
  positionals: { vm: { type: "string", demandOption: true, describe: "name of the VM" } },
  options: {
    stop: {
      type: "boolean",
      default: false,
      describe: "shut the VM down when it is running, and start it again",
    },
    "stop-timeout": {
      type: "number",
      default: STOP_SECONDS,
      describe: "longest time for the shutdown, in seconds",
    },
    start: { type: "boolean", describe: "start the VM (default: if it was running)" },
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
      ? await prepareRollback(host, vm, request)
      : await rollbackVm(host, vm, { ...request, onPlan });
    const { from, to, removed, notes } = operation;
    if (json) cli.printJson({ vm, from, to, rolledBack: !dryRun, removed, notes });
    else if (dryRun) for (const line of planLines(operation)) cli.print(line);
    else cli.print(`${vm} ${from} -> ${to}`);
  },
});
