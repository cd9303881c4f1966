import type { CommandRow } from "./command-row.ts";
import { installerCommands } from "./installer-commands.ts";
import { pastCommands } from "./past-commands.ts";
import { storageCommands } from "./storage-commands.ts";
import { systemCommands } from "./system-commands.ts";

/**
 * Every command that the installers of Fedora and EL support or used to support. Each row names the class of
 * pykickstart (`pykickstart/commands/`) that reads the command. Who may use it is virt-appliance's rule, explained in
 * docs/kickstart.md.
 */
export const commandTable: readonly CommandRow[] = [
  ...storageCommands,
  ...systemCommands,
  ...installerCommands,
  ...pastCommands,
];

const byName: ReadonlyMap<string, CommandRow> = new Map(commandTable.map((row) => [row.name, row]));

/** Returns the row of a command, or undefined if no installer supports it. */
export function commandRow(name: string): CommandRow | undefined {
  return byName.get(name);
}
