import { countOf } from "../../lib/count-of.ts";
import type { GcPlan } from "../../host/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { openHostOf } from "../open-host.ts";
import { parseDuration } from "../options/parse-duration.ts";
import { renderColumns } from "../terminal/render-columns.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";

function report(plan: GcPlan, removed: boolean, cli: Cli): void {
  const { logger } = cli.context;
  for (const obstacle of plan.unseen) logger.warn(obstacle);
  for (const { file, reasons } of plan.kept) logger.info(`${file}: kept: ${reasons.join(", ")}`);
  const rows = plan.unused.map(({ file, bytes }) => [formatSize(bytes), file]);
  for (const line of renderColumns(rows)) cli.print(line);
  const total = plan.unused.reduce((sum, { bytes }) => sum + bytes, 0);
  const unsure = plan.kept.filter(({ state }) => state === "unsure").length;
  const nothing =
    unsure > 0
      ? `nothing ${removed ? "was" : "would be"} removed: ${unsure} of the bases seem unused, but not every user could be checked`
      : "nothing to remove";
  const count = countOf(plan.unused.length, "base");
  logger.info(
    plan.unused.length === 0
      ? nothing
      : `${count}, ${formatSize(total)}: ${removed ? "removed" : "would be removed"}`,
  );
}

/** `gc`: deletes the bases that are no longer used. */
export const command: Command = defineCommand({
  options: {
    "dry-run": {
      type: "boolean",
      default: false,
      describe: "print what would be deleted; delete nothing",
    },
    grace: {
      type: "string",
      default: "7d",
      requiresArg: true,
      describe: "delete bases that were unused for this long: 0, 30m, 12h, 7d",
    },
    connect: {
      type: "string",
      describe:
        "libvirt connection to search besides qemu:///system (default: LIBVIRT_URI of host.conf)",
    },
  },
  examples: [["virt-appliance gc --dry-run --grace 0", "list what nothing uses now"]],
  exitStatuses: { 1: "something keeps gc from deleting bases; each obstacle is printed" },
  run: async (args, cli) => {
    const request = { graceMs: parseDuration(args.grace, "--grace") };
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const plan = await (args.dryRun ? host.plan : host).collectGarbage(request);
    const { unused, kept, obstacles } = plan;
    if (args.json) cli.printJson({ removed: !args.dryRun, unused, kept, obstacles });
    else report(plan, !args.dryRun, cli);
    if (obstacles.length > 0) cli.setExitCode(1);
  },
});
