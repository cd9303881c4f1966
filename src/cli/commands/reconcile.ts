import { openHostOf } from "../open-host.ts";
import { defineCommand, type Command } from "../command.ts";

/** `reconcile`: creates the bases, registrations and pool that are missing. */
export const command: Command = defineCommand({
  exitStatuses: { 1: "a package could not be unpacked or registered completely" },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: undefined, changes: true });
    // Each outcome is printed at once, because the command may have to wait for another run.
    const isTold = !args.quiet && !args.json;
    const complete = await host.reconcile(isTold ? { onOutcome: (line) => cli.print(line) } : {});
    if (args.json) cli.printJson({ complete });
    if (!complete) cli.setExitCode(1);
  },
});
