import path from "node:path";
import { format, resolveConfig } from "prettier";
import { commands } from "../../src/cli/commands.ts";
import {
  type CommandDescription,
  describeCommand,
  type OptionDescription,
} from "../../src/cli/help/describe-command.ts";
import { optionText, sentence } from "../../src/cli/help/description-text.ts";
import { EXIT_STATUS, GLOBAL_OPTIONS } from "../../src/cli/help/shared-texts.ts";

/** The page, below the root of the repository. */
export const PAGE = "docs/commands.md";

type Row = readonly string[];

function code(text: string): string {
  return `\`${text}\``;
}

/** Returns a table. A bar would end a cell, and a `<` could start a tag. */
function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function plain(text: string): string {
  return text.replaceAll(/[|<*_~]/g, "\\$&");
}

function optionTerm({ name, aliases, isOn, ...option }: OptionDescription): string {
  const long = `--${isOn ? "no-" : ""}${name}`;
  const value = option.choices.length > 0 ? option.choices.join("\\|") : "VALUE";
  const placeholder = option.isNumber ? "NUMBER" : value;
  const shown = option.isValueOptional ? `[${placeholder}]` : placeholder;
  const spelt = option.takesValue ? `${long} ${shown}` : long;
  return [...aliases.map((alias) => code(`-${alias}`)), code(spelt)].join(", ");
}

function usage(command: CommandDescription): string {
  const required = command.options
    .filter(({ isRequired }) => isRequired)
    .map(({ name }) => `--${name} VALUE`);
  const more = command.options.some(({ isRequired }) => !isRequired) ? ["[options]"] : [];
  return ["virt-appliance", command.name, command.usage, ...required, ...more]
    .filter((word) => word !== "")
    .join(" ");
}

function block(...lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n");
}

function renderCommand(command: CommandDescription): string {
  const rows = [
    ...command.positionals.map((one) => [code(one.name), plain(optionText(one))]),
    ...command.options
      .filter(({ isHidden }) => !isHidden)
      .map((one) => [optionTerm(one), plain(optionText(one))]),
  ];
  const examples = command.examples.flatMap(([line, text]) => [`# ${text}`, line]);
  const statuses = Object.entries(command.exitStatuses).map(
    ([status, meaning]) => `- ${status}: ${plain(meaning)}`,
  );
  return [
    `## ${command.name}`,
    plain(sentence(command.summary)),
    block(usage(command)),
    ...(rows.length === 0 ? [] : [table(["argument or option", "meaning"], rows)]),
    ...(examples.length === 0 ? [] : ["Examples:", block(...examples)]),
    ...(statuses.length === 0 ? [] : ["Exit status:", statuses.join("\n")]),
  ].join("\n\n");
}

/** Returns the anchor of a section, as GitHub makes it. */
function anchor(name: string): string {
  return `#${name.replaceAll(" ", "-")}`;
}

/** Renders the reference of all commands from their definitions. */
export async function renderCommandsPage(): Promise<string> {
  const described = await Promise.all(commands.map((entry) => describeCommand(entry)));
  const all = described.flatMap((one) => (one.commands.length === 0 ? [one] : one.commands));
  const index = all.map(({ name, summary }) => [`[${name}](${anchor(name)})`, plain(summary)]);
  const row = ([name, text]: readonly [string, string]): Row => [code(name), plain(text)];
  const page = [
    "# Commands",
    [
      "All commands with their arguments, options and examples, from the same definitions as `virt-appliance COMMAND --help` and the",
      "manual page. `make docs` writes this page.",
    ].join("\n"),
    table(["command", "what it does"], index),
    "Every command has these options:",
    table(["option", "meaning"], GLOBAL_OPTIONS.map(row)),
    "Every command has these exit statuses; a command that gives one of them a special meaning says so.",
    table(["exit status", "meaning"], EXIT_STATUS.map(row)),
    ...all.map(renderCommand),
  ].join("\n\n");
  const file = path.join(import.meta.dirname, "../..", PAGE);
  return await format(page, { ...(await resolveConfig(file)), filepath: file });
}
