import type { OptionDescription, CommandDescription } from "./describe-command.ts";
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

/** Returns the description of an option, with its default. */
function renderOptionText(option: OptionDescription): string {
  const { describe, isRequired, isRepeatable, defaultValue, isOn } = option;
  const facts = [
    ...(isRequired ? ["required"] : []),
    ...(isRepeatable ? ["may be given more than once"] : []),
    ...(defaultValue === undefined ? [] : [`default: ${defaultValue}`]),
  ];
  // The description says what the switch does when it is on, but the manual lists --no-NAME.
  const text = isOn ? `do not ${describe}` : describe;
  return facts.length === 0 ? text : `${text} (${facts.join("; ")})`;
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
  return [
    `.SS ${command.name}`,
    synopsis.join(" "),
    ".PP",
    prose(`${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`),
    terms([
      ...command.positionals.map((one) => [italic(one.name), one.describe] as const),
      ...command.options.map((one) => [renderOptionTerm(one), renderOptionText(one)] as const),
    ]),
    ...command.examples.flatMap(([command, text]) => [
      ".PP",
      prose(`Example, ${text}:`),
      lines(command),
    ]),
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
