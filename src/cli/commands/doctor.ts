import type { Finding } from "../../host/index.ts";
import { escapeControls } from "../../errors.ts";
import { openHostOf } from "../open-host.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption } from "../options/shared-options.ts";

function linesOf(finding: Finding): readonly string[] {
  const { severity, subject, what, todo, code } = finding;
  return [`${severity}: ${subject} ${what} [${code}]`, `  ${todo}`].map(escapeControls);
}

/** `doctor`: reports the problems on this host, and with `--fix` repairs those that are safe to repair. */
export const command: Command = defineCommand({
  options: {
    fix: {
      type: "boolean",
      default: false,
      describe:
        "complete interrupted operations, protect bases, reconcile, update records of disks, remove leftovers",
    },
    verify: {
      type: "boolean",
      default: false,
      describe: "read every base, not only those that seem to have changed",
    },
    remove: {
      type: "string",
      array: true,
      nargs: 1,
      implies: "fix",
      describe: "also remove this file of a VM that no longer exists, although it may hold data",
    },
    connect: connectOption,
  },
  examples: [["virt-appliance doctor --verify", "compare every base with its digest"]],
  exitStatuses: { 1: "problems remain; each one is printed" },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const hash = args.verify ? "always" : "changed";
    const request = { hash, remove: args.remove ?? [] } as const;
    const { findings, versions, repaired } = args.fix
      ? await host.repair(request)
      : { ...(await host.diagnose(request)), repaired: [] };
    if (args.json) cli.printJson({ findings, repaired, versions });
    else {
      for (const { subject, what } of repaired)
        cli.context.logger.info(`repaired: ${subject} ${what}`);
      for (const finding of findings) for (const line of linesOf(finding)) cli.print(line);
    }
    const faults = findings.filter(({ severity }) => severity !== "note");
    if (faults.length > 0) cli.setExitCode(1);
    else cli.context.logger.info("no problems found");
  },
});
