/** A word that needs no quotes in a shell command. Shells expand `~` at the start, and bash also after `=` and `:`. */
const PLAIN = /^(?!~)(?!.*[=:]~)[A-Za-z0-9_@%+=:,./~-]+$/;

/** Returns a text as one word for a POSIX shell, quoted only if necessary. */
export function quoteWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Returns a command that users can copy from a message into a shell. All commands that contain names are made here. */
export function commandLine(...words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/** Returns a command of this program with a name as argument; `--` precedes a name that starts with a hyphen. */
export function toolCommand(command: string, name: string): string {
  return commandLine("virt-appliance", command, ...(name.startsWith("-") ? ["--"] : []), name);
}
