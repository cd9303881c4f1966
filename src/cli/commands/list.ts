import { openHostOf } from "../open-host.ts";
import { renderColumns } from "../terminal/render-columns.ts";
import { defineCommand, type Command } from "../command.ts";

/** `list`: lists the appliances and recipes that are installed on this host. */
export const command: Command = defineCommand({
  examples: [["virt-appliance list --json", "for scripts"]],
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: undefined, changes: false });
    const { appliances, problems } = await host.listAppliances();
    for (const problem of problems) cli.context.logger.warn(problem);
    if (args.json) return cli.printJson(appliances);
    const rows = appliances.map((each) => [
      each.name,
      `${each.version}-${each.release}`,
      each.arch,
      each.kind === "recipe" ? "recipe" : each.ready ? "ready" : "incomplete",
      each.label,
    ]);
    if (rows.length === 0) return cli.context.logger.info("no appliance is installed");
    for (const line of renderColumns([["NAME", "VERSION", "ARCH", "STATE", "LABEL"], ...rows]))
      cli.print(line);
  },
});
