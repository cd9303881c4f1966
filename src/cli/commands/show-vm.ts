import type { VmDetails } from "../../host/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { openHostOf } from "../open-host.ts";
import { renderColumns } from "../terminal/render-columns.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption, vmArgument } from "../options/shared-options.ts";

function renderDetails(details: VmDetails): readonly string[] {
  const { current, previous, seed, recipe } = details;
  const rows = [
    ["vm", details.vm],
    ...(details.title === null ? [] : [["title", details.title]]),
    ["appliance", `${details.appliance} ${current.version}-${current.release}`],
    ...(recipe === undefined
      ? []
      : [["configured by", `Puppet module ${recipe.module}, ${recipe.puppet}`]]),
    ["state", `${details.state}${details.autostart ? ", autostart" : ""}`],
    ["created", details.createdAt],
    ["this version since", current.since],
    ["newer version", details.available ?? "none"],
    [
      "can roll back to",
      previous === undefined ? "nothing" : `${previous.version}-${previous.release}`,
    ],
    ["console log", details.consoleLog],
  ];
  const disks = current.disks.map((disk) => {
    const bytes = details.fileBytes[disk.path] ?? null;
    const size = bytes === null ? "missing" : formatSize(bytes);
    const from = disk.base === undefined ? "" : `, from ${disk.base.path}`;
    return [
      `${disk.target} ${disk.id}`,
      `${disk.role} ${disk.kind}, ${size}, ${disk.path}${disk.kind === "base" ? "" : from}`,
    ];
  });
  const parameters =
    seed === undefined ? [] : [["parameters", `${seed.parameters.join(", ")}, in ${seed.path}`]];
  return renderColumns([...rows, ...disks, ...parameters]);
}

/** `show-vm VM`: shows all details of a VM made from an appliance. */
export const command: Command = defineCommand({
  positionals: { vm: vmArgument },
  options: { connect: connectOption },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: false });
    const details = await host.showVm(args.vm);
    if (args.json) return cli.printJson(details);
    for (const line of renderDetails(details)) cli.print(line);
  },
});
