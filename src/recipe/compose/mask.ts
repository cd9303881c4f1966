import { commandRow } from "../kickstart/command-table.ts";
import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem, Kickstart, KickstartItem, Word } from "../kickstart/model.ts";
import { replaceWords, splitWords } from "../kickstart/split-words.ts";
import { MASK } from "./fill-parameters.ts";

/** User and password in an address. */
const CREDENTIALS = /(:\/\/)[^/@\s'"]+@/g;

function maskCommand(item: CommandItem): CommandItem {
  const replacements = new Map<Word, string>();
  for (const word of item.words) {
    const masked = word.value.replace(CREDENTIALS, `$1${MASK}@`);
    if (masked !== word.value) replacements.set(word, masked);
  }
  const given = commandArguments(item);
  for (const { name, value, word, row } of given.options) {
    if (value === undefined || row?.type.kind !== "text" || row.type.secret !== true) continue;
    replacements.set(word, word.value === value ? MASK : `${name}=${MASK}`);
  }
  if (commandRow(item.name)?.words.secret === true) {
    for (const word of given.words) replacements.set(word, MASK);
  }
  if (replacements.size === 0) return item;
  const text = replaceWords(item.text, replacements);
  return { ...item, text, words: splitWords(text).words };
}

/** Returns an item with passwords, keys and credentials in addresses masked. Scripts are not changed. */
export function maskItem(item: KickstartItem): KickstartItem {
  return item.kind === "command" ? maskCommand(item) : item;
}

/** Returns whether a kickstart contains a password, a key or credentials that `maskItem` masks. */
export function kickstartHoldsSecrets({ items }: Kickstart): boolean {
  return items.some((item) => maskItem(item) !== item);
}
