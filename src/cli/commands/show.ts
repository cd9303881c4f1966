import type { ApplianceDetails, Host, RecipeDetails } from "../../host/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { openHostOf } from "../open-host.ts";
import { renderColumns } from "../terminal/render-columns.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import { installedArgument } from "../options/shared-options.ts";

function machineFacts(details: ApplianceDetails | RecipeDetails): readonly string[][] {
  const { memoryMiB, boots } = details;
  return [
    ["name", details.name],
    ["version", `${details.version}-${details.release}`],
    ["package", details.package],
    ["label", details.label],
    ["runs on", boots.map((boot) => `${boot.type} ${boot.arch}`).join(", ")],
    ["processors", String(details.vcpu)],
    ["memory", memoryMiB === null ? "chosen by the host" : `${memoryMiB} MiB`],
  ];
}

function renderAppliance(details: ApplianceDetails): readonly string[] {
  const facts = [
    ...machineFacts(details),
    ["for virt-install", details.osinfo.join(", ")],
    ["other versions", details.otherVersions.join(", ") || "none"],
  ];
  const disks = details.disks.map((disk) => [
    `disk ${disk.id}`,
    `${disk.role}, ${disk.sizeBytes === null ? "size unknown" : formatSize(disk.sizeBytes)}, ${disk.base ?? "created empty"}`,
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

function renderRecipe(details: RecipeDetails): readonly string[] {
  const { module, tree } = details;
  const facts = [
    ...machineFacts(details),
    ["module", `${module.name} ${module.version}`],
    ["installation tree", tree ?? "none, use --location"],
  ];
  const disks = details.disks.map(({ id, role, sizeBytes }) => [
    `disk ${id}`,
    `${role}, ${sizeBytes === null ? "size unknown" : formatSize(sizeBytes)}`,
  ]);
  const parameters = details.parameters.map((each) => {
    const shown = each.secret && each.origin !== null ? "********" : String(each.value);
    const value = each.origin === null ? "no value" : `${shown}, from ${each.origin}`;
    const needed = each.required && each.origin === null ? "required, " : "";
    const what = each.description === null ? "" : `, ${each.description.replaceAll(/\s+/g, " ")}`;
    return [`parameter ${each.name}`, `${needed}${value}${what}`];
  });
  return renderColumns([...facts, ...disks, ...parameters]);
}

async function showInstalledRecipe(
  host: Host,
  args: { readonly name: string; readonly json: boolean },
  cli: Cli,
): Promise<void> {
  const details = await host.showRecipe(args.name);
  for (const problem of details.problems) cli.context.logger.warn(problem);
  if (args.json) return cli.printJson(details);
  for (const line of renderRecipe(details)) cli.print(line);
}

/** `show NAME`: shows all details of an installed appliance or recipe. */
export const command: Command = defineCommand({
  positionals: {
    name: installedArgument,
  },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: undefined, changes: false });
    const { kind, note } = await host.findSource(args.name);
    if (note !== undefined) cli.context.logger.warn(note);
    if (kind === "recipe") return showInstalledRecipe(host, args, cli);
    const details = await host.showAppliance(args.name);
    for (const problem of details.problems) cli.context.logger.warn(problem);
    if (args.json) return cli.printJson(details);
    for (const line of renderAppliance(details)) cli.print(line);
  },
});
