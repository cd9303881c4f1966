import type { OptionDescription, CommandDescription } from "./describe-command.ts";

/** Kind of a value, as the script names it; `none` has no completion. */
type Kind = "appliance" | "file" | "key" | "none" | "vm";

/** Kinds of the arguments and options that mean the same in every command; default: `file`. */
const kinds: Readonly<Record<string, Kind>> = {
  "appliance-version": "none",
  "base-url": "none",
  connect: "none",
  disk: "none",
  domain: "none",
  email: "none",
  grace: "none",
  graphics: "none",
  mac: "none",
  "max-size": "none",
  memory: "none",
  name: "none",
  network: "none",
  packager: "none",
  pool: "none",
  release: "none",
  set: "none",
  size: "none",
  to: "none",
  uid: "none",
  verify: "none",
  "virt-type": "none",
  key: "key",
  sign: "key",
  vm: "vm",
};

/** Arguments whose kind differs in one command. */
const exceptions: Readonly<Record<string, Kind>> = {
  "create name": "appliance",
  "create vm": "none",
  "show name": "appliance",
  "uninstall name": "appliance",
};

function kindOf(command: string, { name, isNumber }: OptionDescription): Kind {
  if (isNumber) return "none";
  return exceptions[`${command} ${name}`] ?? kinds[name] ?? "file";
}

function typed(option: OptionDescription): readonly string[] {
  const names = option.isOn ? [`no-${option.name}`] : [option.name];
  return [...names, ...option.aliases].map((name) =>
    name.length === 1 ? `-${name}` : `--${name}`,
  );
}

/** Quotes a text for bash. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function family(command: CommandDescription): readonly CommandDescription[] {
  return [command, ...command.commands.flatMap(family)];
}

function renderArm(command: CommandDescription): string {
  const own = command.commands.map(({ name }) => name.split(" ").at(-1) ?? "");
  const values = command.options.filter(({ takesValue }) => takesValue).flatMap(typed);
  const fields: Readonly<Record<string, string>> = {
    commands: own.join(" "),
    options: command.options.flatMap(typed).join(" "),
    // Spaces on both sides let the script match whole names.
    values: values.length === 0 ? "" : ` ${values.join(" ")} `,
    arguments: command.positionals.map((one) => kindOf(command.name, one)).join(" "),
  };
  const set = Object.entries(fields).filter(([, text]) => text !== "");
  const assignments = set.map(([field, text]) => `      ${field}=${quote(text)}`);
  return [`    ${quote(command.name)})`, ...assignments, "      ;;"].join("\n");
}

function renderOption(command: CommandDescription, option: OptionDescription): readonly string[] {
  if (!option.takesValue) return [];
  const kind = kindOf(command.name, option);
  const { choices } = option;
  if (choices.length === 0 && kind === "file") return [];
  const patterns = typed(option).map((name) => quote(`${command.name} ${name}`));
  const set = choices.length > 0 ? `kind=words words=${quote(choices.join(" "))}` : `kind=${kind}`;
  return [`    ${patterns.join(" | ")}) ${set} ;;`];
}

/**
 * Renders the bash completion script.
 *
 * @param template  content of spec-templates/tool/completion.bash
 * @param commands  every command, in the order of the overview
 */
export function renderCompletion(
  template: string,
  commands: readonly CommandDescription[],
): string {
  const program: CommandDescription = {
    name: "",
    usage: "",
    summary: "",
    positionals: [],
    options: [],
    examples: [],
    exitStatuses: {},
    commands,
  };
  const all = family(program);
  const arms = all.map(renderArm);
  const values = all.flatMap((command) =>
    command.options.flatMap((one) => renderOption(command, one)),
  );
  // Replacement functions, because `$` in a replacement string is special.
  return template
    .replace("@COMMANDS@", () => arms.join("\n"))
    .replace("@VALUES@", () => values.join("\n"));
}
