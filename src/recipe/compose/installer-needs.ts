import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import { parseKickstart } from "../kickstart/parse-kickstart.ts";
import { optionValue } from "../kickstart/read-options.ts";

/** What a composed kickstart says to whom starts the installer. */
export interface InstallerNeeds {
  /** Address of the installer's tree: that of `url --url`. */
  readonly tree: string | undefined;
  /** What the installer does when it is done. */
  readonly end: "reboot" | "poweroff" | "shutdown" | "halt" | undefined;
}

const ends = ["reboot", "poweroff", "shutdown", "halt"] as const;

/** Reads what whoever starts the installer has to know from a composed kickstart. */
export function readInstallerNeeds(text: string): InstallerNeeds {
  const { items } = parseKickstart(text, "kickstart").kickstart;
  const commands = items.filter((item): item is CommandItem => item.kind === "command");
  const url = commands.findLast(({ name }) => name === "url");
  return {
    tree: url === undefined ? undefined : optionValue(commandArguments(url), "--url"),
    end: ends.find((end) => commands.some(({ name }) => name === end)),
  };
}
