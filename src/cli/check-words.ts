import { ApplianceError } from "../errors.ts";
import { closest } from "./closest.ts";
import type { OptionDescription, VerbDescription } from "./describe-verb.ts";

/** What every verb takes beside its own options. */
const GLOBAL_OPTIONS: readonly string[] = ["json", "quiet", "verbose", "help", "h", "version"];

function refuse(
  what: string,
  options: { readonly near: string | undefined; readonly see: string },
): never {
  const hint = options.near === undefined ? "" : `did you mean ${options.near}? `;
  throw new ApplianceError("CLI_USAGE", what, {
    hint: `${hint}see: virt-appliance ${options.see}--help`,
  });
}

/** Options as they can be typed, without dashes. */
function spellings(option: OptionDescription): readonly string[] {
  return [option.name, ...option.aliases].flatMap((name) =>
    option.takesValue ? [name] : [name, `no-${name}`],
  );
}

/**
 * Refuses a first word that is no verb, naming the one that was likely meant.
 *
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkVerb(word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  refuse(`there is no verb "${word}"`, { near: closest(word, known), see: "" });
}

/**
 * Refuses words that a verb does not know: an option, or a verb of its family. yargs would blame what is missing
 * instead, or every word.
 *
 * @param words  of the command line, without the verb itself
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkWords(words: readonly string[], verb: VerbDescription): void {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  let described = verb;
  if (verb.verbs.length > 0) {
    const first = own.find((word) => !word.startsWith("-"));
    const names = verb.verbs.map(({ name }) => name.split(" ").at(-1) ?? "");
    const found = verb.verbs[names.indexOf(first ?? "")];
    if (first !== undefined && found === undefined) {
      const what = `${verb.name}: there is no verb "${first}"`;
      refuse(what, { near: closest(first, names), see: `${verb.name} ` });
    }
    described = found ?? verb;
  }
  const known = [...described.options.flatMap(spellings), ...GLOBAL_OPTIONS];
  for (const word of own) {
    const option = /^--?([A-Za-z][\w-]*)/.exec(word)?.[1];
    // Short options can be joined with their value or with each other; yargs looks into those.
    if (option === undefined || known.includes(option) || !word.startsWith("--")) continue;
    const near = closest(option, known);
    refuse(`${described.name}: there is no option --${option}`, {
      near: near === undefined ? undefined : `--${near}`,
      see: `${described.name} `,
    });
  }
}
