import type { OptionDescription, VerbDescription } from "./describe-verb.ts";

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

function kindOf(verb: string, { name, isNumber }: OptionDescription): Kind {
  if (isNumber) return "none";
  return exceptions[`${verb} ${name}`] ?? kinds[name] ?? "file";
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

function family(verb: VerbDescription): readonly VerbDescription[] {
  return [verb, ...verb.verbs.flatMap(family)];
}

function renderArm(verb: VerbDescription): string {
  const own = verb.verbs.map(({ name }) => name.split(" ").at(-1) ?? "");
  const values = verb.options.filter(({ takesValue }) => takesValue).flatMap(typed);
  const fields: Readonly<Record<string, string>> = {
    verbs: own.join(" "),
    options: verb.options.flatMap(typed).join(" "),
    // Spaces on both sides let the script match whole names.
    values: values.length === 0 ? "" : ` ${values.join(" ")} `,
    arguments: verb.positionals.map((one) => kindOf(verb.name, one)).join(" "),
  };
  const set = Object.entries(fields).filter(([, text]) => text !== "");
  const assignments = set.map(([field, text]) => `      ${field}=${quote(text)}`);
  return [`    ${quote(verb.name)})`, ...assignments, "      ;;"].join("\n");
}

function renderOption(verb: VerbDescription, option: OptionDescription): readonly string[] {
  if (!option.takesValue) return [];
  const kind = kindOf(verb.name, option);
  const { choices } = option;
  if (choices.length === 0 && kind === "file") return [];
  const patterns = typed(option).map((name) => quote(`${verb.name} ${name}`));
  const set = choices.length > 0 ? `kind=words words=${quote(choices.join(" "))}` : `kind=${kind}`;
  return [`    ${patterns.join(" | ")}) ${set} ;;`];
}

/**
 * Renders the bash completion script.
 *
 * @param template  content of spec-templates/tool/completion.bash
 * @param verbs  every command, in the order of the overview
 */
export function renderCompletion(template: string, verbs: readonly VerbDescription[]): string {
  const program: VerbDescription = {
    name: "",
    usage: "",
    describe: "",
    positionals: [],
    options: [],
    examples: [],
    verbs,
  };
  const all = family(program);
  const arms = all.map(renderArm);
  const values = all.flatMap((verb) => verb.options.flatMap((one) => renderOption(verb, one)));
  // Replacement functions, because `$` in a replacement string is special.
  return template
    .replace("@VERBS@", () => arms.join("\n"))
    .replace("@VALUES@", () => values.join("\n"));
}
