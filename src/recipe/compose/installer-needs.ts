import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import { parseKickstart } from "../kickstart/parse-kickstart.ts";
import { optionValue } from "../kickstart/read-options.ts";

/** Values of a composed kickstart that are needed to start the installer. */
export interface InstallerNeeds {
  /** Address of the installation tree, from `url --url`. */
  readonly tree: string | undefined;
  /** What the installer does after the installation. */
  readonly end: "reboot" | "poweroff" | "shutdown" | "halt" | undefined;
}

const ends = ["reboot", "poweroff", "shutdown", "halt"] as const;

/** Reads the values that are needed to start the installer from a composed kickstart. */
export function readInstallerNeeds(text: string): InstallerNeeds {
  const { items } = parseKickstart(text, "kickstart").kickstart;
  const commands = items.filter((item): item is CommandItem => item.kind === "command");
  const url = commands.findLast(({ name }) => name === "url");
  return {
    tree: url === undefined ? undefined : optionValue(commandArguments(url), "--url"),
    end: ends.find((end) => commands.some(({ name }) => name === end)),
  };
}
