import type { VmSummary } from "../../host/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { openHostOf } from "../open-host.ts";
import { renderColumns } from "../terminal/render-columns.ts";
import { defineCommand, type Command } from "../command.ts";
import { connectOption } from "../options/shared-options.ts";

const heading = ["VM", "APPLIANCE", "VERSION", "STATE", "SYSTEM", "DATA", "SCRATCH", "SINCE", ""];

function rowOf(vm: VmSummary): readonly string[] {
  const notes = [
    ...(vm.available === null ? [] : [`${vm.available} available`]),
    ...(vm.updatePending ? ["update pending"] : []),
  ];
  return [
    vm.vm,
    vm.appliance,
    `${vm.version}-${vm.release}`,
    vm.active ? "running" : "off",
    formatSize(vm.diskBytes.system),
    formatSize(vm.diskBytes.data),
    formatSize(vm.diskBytes.scratch),
    vm.since.slice(0, 10),
    notes.join(", "),
  ];
}

/** `vms`: lists the VMs that were made from appliances. */
export const command: Command = defineCommand({
  options: { connect: connectOption },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: false });
    const { vms, problems } = await host.listVms();
    for (const problem of problems) cli.context.logger.warn(problem);
    if (args.json) return cli.printJson(vms);
    if (vms.length === 0) return cli.context.logger.info("no VM was created from an appliance");
    for (const line of renderColumns([heading, ...vms.map(rowOf)])) cli.print(line);
  },
});
