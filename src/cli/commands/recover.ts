import { openHostOf } from "../open-host.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption } from "../options/shared-options.ts";

/** `recover`: finishes or undoes operations that a crash interrupted. */
export const command: Command = defineCommand({
  options: { connect: connectOption },
  exitStatuses: { 1: "operations are still pending; each one is reported with its reason" },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const left = await host.recover();
    if (args.json) cli.printJson({ left });
    // Each one has been logged with its reason.
    if (left.length > 0) cli.setExitCode(1);
  },
});
