import { showAppliance } from "../../host/index.ts";
import type { ApplianceDetails } from "../../host/index.ts";
import { formatSize } from "../format-size.ts";
import { openHostOf } from "../open-host.ts";
import { renderColumns } from "../render-columns.ts";
import { defineVerb } from "../verb.ts";
import type { Verb } from "../verb.ts";

function renderDetails(details: ApplianceDetails): readonly string[] {
  const { memoryMiB, boots } = details;
  const facts = [
    ["name", details.name],
    ["version", `${details.version}-${details.release}`],
    ["package", details.package],
    ["label", details.label],
    ["runs on", boots.map((boot) => `${boot.type} ${boot.arch}`).join(", ")],
    ["processors", String(details.vcpu)],
    ["memory", memoryMiB === null ? "the host's choice" : `${memoryMiB} MiB`],
    ["for virt-install", details.osinfo.join(", ")],
    ["other versions", details.otherVersions.join(", ") || "none"],
  ];
  const disks = details.disks.map((disk) => [
    `disk ${disk.id}`,
    `${disk.role}, ${disk.sizeBytes === null ? "size unknown" : formatSize(disk.sizeBytes)}, ${disk.base ?? "made empty"}`,
  ]);
  const parameters = details.parameters.map((each) => [
    `parameter ${each.name}`,
    [
      each.required ? "required" : `default ${each.default ?? "none"}`,
      ...(each.description === null ? [] : [each.description]),
    ].join(", "),
  ]);
  return renderColumns([...facts, ...disks, ...parameters]);
}

/** `show NAME`: one installed appliance in full. */
export const verb: Verb = defineVerb({
  command: "show <name>",
  describe: "show an installed appliance: disks, parameters, what it runs on",
  options: (yargs) =>
    yargs.positional("name", {
      type: "string",
      demandOption: true,
      describe: "NAME, NAME-VERSION or NAME-VERSION-RELEASE; the newest by default",
    }),
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: undefined, changes: false });
    const details = await showAppliance(host, args.name);
    for (const problem of details.problems) cli.context.logger.warn(problem);
    if (args.json) return cli.printJson(details);
    for (const line of renderDetails(details)) cli.print(line);
  },
});
