/** A word that a shell takes as it is, wherever in a command it stands; `~` is expanded in front, by bash also behind `=` and `:`. */
const PLAIN = /^(?!~)(?!.*[=:]~)[A-Za-z0-9_@%+=:,./~-]+$/;

/** Returns a text as one word of POSIX shell, in quotes only where it needs them. */
export function quoteWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Returns a command as people copy it from a message into a shell. Every command with names in it is written by this. */
export function commandLine(...words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/** Returns a command of this program about something with a name, which may look like an option. */
export function toolCommand(verb: string, name: string): string {
  return commandLine("virt-appliance", verb, ...(name.startsWith("-") ? ["--"] : []), name);
}
