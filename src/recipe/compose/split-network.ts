import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import { hasOption } from "../kickstart/read-options.ts";
import { quoteKickstart, splitWords } from "../kickstart/split-words.ts";
import type { Statement } from "./statement.ts";

type Command = Statement<CommandItem>;

/** Returns whether a `network` line sets only the host name. For the installer, it then configures no device. */
export function isHostnameOnly(item: CommandItem): boolean {
  const { options, words } = commandArguments(item);
  return words.length === 0 && options.length > 0 && options.every(isHostname);
}

function isHostname({ name }: { readonly name: string }): boolean {
  return name === "--hostname";
}

/** Returns a line with only the option for the host name, or with everything else. */
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
 * Splits a `network` line that configures a device and sets the host name into two lines, because another document may
 * override one of them. Returns every other command unchanged.
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
