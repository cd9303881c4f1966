import type { OptionDescription, CommandDescription } from "./describe-command.ts";
import { optionText, sentence } from "./description-text.ts";
import { bold, italic, lines, prose, terms } from "./roff.ts";

/** Returns an argument as roff for the synopsis; `<rpm..>` means one or more of rpm. */
function renderArgument(word: string): string {
  const name = italic(word.replace(/^[<[]|(\.\.)?[>\]]$/g, ""));
  const many = /\.\.[>\]]$/.test(word) ? " ..." : "";
  return word.startsWith("[") ? `[${name}]${many}` : `${name}${many}`;
}

/** Returns the spelling of an option: `-o, --output VALUE`. */
function renderOptionTerm(option: OptionDescription): string {
  const { name, aliases, takesValue, isNumber, isOn, choices } = option;
  const long = isOn ? `no-${name}` : name;
  const words = [...aliases.map((alias) => `-${alias}`), `--${long}`].map(bold).join(", ");
  if (!takesValue) return words;
  const value =
    choices.length > 0 ? choices.map(bold).join("|") : italic(isNumber ? "NUMBER" : "VALUE");
  return `${words} ${option.isValueOptional ? `[${value}]` : value}`;
}

function renderOne(command: CommandDescription): string {
  const usage = command.usage.split(" ").filter((word) => word !== "");
  const optional = command.options.some((option) => !option.isRequired) ? ["[options]"] : [];
  const required = command.options
    .filter((option) => option.isRequired)
    .map((option) => renderOptionTerm({ ...option, aliases: [] }));
  const synopsis = [
    bold(`virt-appliance ${command.name}`),
    ...usage.map(renderArgument),
    ...required,
    ...optional,
  ];
  const statuses = Object.entries(command.exitStatuses).map(
    ([status, meaning]) => [bold(status), meaning] as const,
  );
  return [
    `.SS ${command.name}`,
    synopsis.join(" "),
    ".PP",
    prose(sentence(command.summary)),
    terms([
      ...command.positionals.map((one) => [italic(one.name), one.describe] as const),
      ...command.options
        .filter(({ isHidden }) => !isHidden)
        .map((one) => [renderOptionTerm(one), optionText(one)] as const),
    ]),
    ...command.examples.flatMap(([command, text]) => [
      ".PP",
      prose(`Example, ${text}:`),
      lines(command),
    ]),
    ...(statuses.length === 0 ? [] : [".PP", "Exit status:", terms(statuses)]),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** Renders a command as part of the manual page; for a group, renders its subcommands. */
export function renderCommand(command: CommandDescription): string {
  return command.commands.length === 0
    ? renderOne(command)
    : command.commands.map(renderOne).join("\n");
}
