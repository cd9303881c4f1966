import { escapeControls } from "../../errors.ts";
import {
  type KickstartSummary,
  renderRecipeProblem,
  summarizeKickstart,
} from "../../recipe/index.ts";
import type { FoundRecipe, ReadRecipe } from "../../source/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { describeMachine, machineDocument } from "./inspect-appliance.ts";
import { renderColumns } from "../terminal/render-columns.ts";

function kickstartDocument(
  name: string,
  summary: KickstartSummary,
): Readonly<Record<string, unknown>> {
  return { file: name, ...summary, release: summary.release ?? null };
}

/** Returns the JSON document of `inspect` for a recipe. Later versions may add fields but remove none. */
export function recipeDocument(
  { descriptor, files, problems, understood, parts }: ReadRecipe,
  source: FoundRecipe["kind"],
): Readonly<Record<string, unknown>> {
  const { appliance, kickstart, kickstartFile, module } = parts;
  return {
    kind: "recipe",
    source,
    ...(understood === undefined
      ? {}
      : {
          ...machineDocument(understood),
          disks: understood.disks.map(({ id, role, sizeBytes }) => ({
            id,
            role,
            sizeBytes: sizeBytes ?? null,
          })),
        }),
    ...(kickstart === undefined || kickstartFile === undefined
      ? {}
      : {
          kickstart: kickstartDocument(
            kickstartFile.path,
            summarizeKickstart(kickstart, appliance),
          ),
        }),
    parameters: parts.parameters.map((parameter) => ({
      name: parameter.name,
      type: parameter.type,
      required: parameter.required,
      secret: parameter.secret,
      default: parameter.default ?? null,
      values: parameter.values,
      pattern: parameter.pattern ?? null,
      description: parameter.description ?? null,
    })),
    ...(module === undefined ? {} : { module: { folder: module.name, ...module.metadata } }),
    descriptor,
    files,
    problems: problems.map((problem) => ({ ...problem, line: problem.line ?? null })),
  };
}

function kickstartLines(name: string, summary: KickstartSummary): readonly (readonly string[])[] {
  const row = (label: string, items: readonly string[]): readonly (readonly string[])[] =>
    items.length === 0 ? [] : [[label, items.join(" ")]];
  const { release, includes, commands, packages, sections } = summary;
  return [
    ["kickstart", release === undefined ? name : `${name}, for ${release}`],
    ...row("includes", includes),
    ...row("commands", commands),
    ...row("packages", packages),
    ...row("sections", sections),
  ];
}

/** Returns the lines of `inspect` for a recipe: machine, disks, kickstart, parameters, module, every problem. */
export function recipeLines({
  descriptor,
  problems,
  understood,
  parts,
}: ReadRecipe): readonly string[] {
  const { appliance, kickstart, kickstartFile, module } = parts;
  const head = [
    ["recipe", descriptor],
    ...(understood === undefined ? [] : describeMachine(understood)),
    ...(kickstart === undefined || kickstartFile === undefined
      ? []
      : kickstartLines(kickstartFile.path, summarizeKickstart(kickstart, appliance))),
    ...(module === undefined
      ? []
      : [["module", `${module.name}: ${module.metadata.name} ${module.metadata.version}`]]),
  ];
  const tables = [
    (understood?.disks ?? []).map(({ id, role, sizeBytes }) => [
      `disk ${id}`,
      role,
      sizeBytes === undefined ? "no size" : formatSize(sizeBytes),
    ]),
    parts.parameters.map(({ name, type, required, secret, default: value, description }) => [
      `parameter ${name}`,
      secret ? `${type}, secret` : type,
      required ? "required" : value === undefined ? "optional" : `default ${String(value)}`,
      description ?? "",
    ]),
  ];
  return [
    ...renderColumns(head),
    ...tables.flatMap((rows) => (rows.length === 0 ? [] : ["", ...renderColumns(rows)])),
    ...(problems.length === 0
      ? []
      : ["", ...problems.map((each) => `${each.severity}: ${renderRecipeProblem(each)}`)]),
  ].map(escapeControls);
}
