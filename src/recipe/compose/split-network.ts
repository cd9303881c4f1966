import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import { hasOption } from "../kickstart/read-options.ts";
import { quoteKickstart, splitWords } from "../kickstart/split-words.ts";
import type { Statement } from "./statement.ts";

type Command = Statement<CommandItem>;

/** Returns whether a `network` line says the host's name and nothing else: the installer takes it for no device's. */
export function isHostnameOnly(item: CommandItem): boolean {
  const { options, words } = commandArguments(item);
  return words.length === 0 && options.length > 0 && options.every(isHostname);
}

function isHostname({ name }: { readonly name: string }): boolean {
  return name === "--hostname";
}

/** Returns a line of the options that are the host's name, or of all others. */
function part(item: CommandItem, wanted: "hostname" | "device"): CommandItem {
  const given = commandArguments(item);
  const options = given.options
    .filter((option) => isHostname(option) === (wanted === "hostname"))
    .map(({ name, value }) => quoteKickstart(value === undefined ? name : `${name}=${value}`));
  const rest = wanted === "device" ? given.words.map(({ value }) => quoteKickstart(value)) : [];
  const text = `${[item.name, ...options, ...rest].join(" ")}\n`;
  return { ...item, text, words: splitWords(text).words };
}

/**
 * Returns a `network` line that says a device's configuration and the host's name as two, since another document may
 * say one of them; every other command as it is.
 */
export function splitNetwork(command: Command): readonly Command[] {
  const { item, masked } = command;
  if (item.name !== "network" || isHostnameOnly(item)) return [command];
  if (!hasOption(commandArguments(item), "--hostname")) return [command];
  return (["device", "hostname"] as const).map((wanted) => ({
    ...command,
    item: part(item, wanted),
    ...(masked === undefined ? {} : { masked: part(masked, wanted) }),
  }));
}
