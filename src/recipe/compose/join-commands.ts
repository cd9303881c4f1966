import type { CommandRow } from "../kickstart/command-row.ts";
import { commandRow } from "../kickstart/command-table.ts";
import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem, Release } from "../kickstart/model.ts";
import { optionValue } from "../kickstart/read-options.ts";
import { reached } from "../kickstart/value-type.ts";
import { judge, placeOf } from "./statement.ts";
import type { Findings, Statement } from "./statement.ts";

type Command = Statement<CommandItem>;

/** Commands that make up one layout of the disks: two layouts cannot be mixed. */
const LAYOUT = new Set(
  "autopart btrfs logvol mount part partition raid reqpart snapshot volgroup".split(" "),
);

/** Answers what two statements must differ in to stand side by side; undefined: they always can. */
function keyOf(item: CommandItem, row: CommandRow): string | undefined {
  if (row.group !== undefined) return row.group;
  const name = row.name === "partition" ? "part" : row.name;
  if (row.combine.kind === "once") return name;
  if (row.combine.kind === "joined" || row.combine.key === undefined) return undefined;
  const given = commandArguments(item);
  const { key } = row.combine;
  const value = key === "first-word" ? given.words[0]?.value : optionValue(given, ...key);
  return value === undefined ? name : `${name} ${value}`;
}

function wordsOf({ item }: Command): string {
  return JSON.stringify(item.words.map(({ value }) => value));
}

/** Reports a command that is not its author's to say. */
function checkAuthor(command: Command, release: Release, findings: Findings): void {
  const row = commandRow(command.item.name);
  // What is gone has no author; lint says that it is gone.
  if (row === undefined || reached(row.removed, release)) return;
  const { author } = command;
  const side = author === "builder" ? "builder" : author === "stock" ? undefined : "site";
  if (row.who === "neither") {
    const message = `${row.name}: means nothing in a virtual machine that installs itself`;
    findings.report("error", "author", message, command);
  } else if (side !== undefined && row.who !== "both" && row.who !== side) {
    const message = `${row.name}: is for the ${row.who} to say, not for the ${side}`;
    findings.report("error", "author", message, command);
  }
}

/** Reports two statements of one document, of which the installer would silently take the later one. */
function checkRepeated(first: Command, second: Command, key: string, findings: Findings): void {
  const row = commandRow(second.item.name);
  if (first.origin !== second.origin || row?.combine.kind !== "once") return;
  const message = `${key}: is said twice, first in line ${first.item.line}; the later one counts`;
  findings.report("warning", "repeated", message, second);
}

/** Leaves out the stock layout of the disks when the recipe has one. */
function withoutStockLayout(commands: readonly Command[], findings: Findings): readonly Command[] {
  const isLayout = ({ item }: Command): boolean => LAYOUT.has(item.name);
  if (!commands.some((command) => isLayout(command) && command.author !== "stock")) return commands;
  return commands.filter((command) => {
    if (command.author !== "stock" || !isLayout(command)) return true;
    findings.notes.push(
      `${placeOf(command)}: ${command.item.name} gives way to the recipe's own layout of the disks`,
    );
    return false;
  });
}

/**
 * Answers the commands of all documents that hold together; `joined` ones are left to `joinLists`. Two that cannot both
 * hold are settled as `judge` says: a clash is an error, everything else a note.
 */
export function joinCommands(
  all: readonly Command[],
  release: Release,
  findings: Findings,
): ReadonlySet<Command> {
  for (const command of all) checkAuthor(command, release, findings);
  const kept = new Set<Command>();
  const byKey = new Map<string, Command>();
  for (const command of withoutStockLayout(all, findings)) {
    const row = commandRow(command.item.name);
    const key = row === undefined ? undefined : keyOf(command.item, row);
    const earlier = key === undefined ? undefined : byKey.get(key);
    const mayRepeat = row?.combine.kind === "each" && earlier?.origin === command.origin;
    if (key === undefined || earlier === undefined || mayRepeat) {
      kept.add(command);
      if (key !== undefined) byKey.set(key, command);
      continue;
    }
    if (wordsOf(earlier) === wordsOf(command)) continue;
    checkRepeated(earlier, command, key, findings);
    const verdict = judge(earlier, command);
    if (verdict === "clash") {
      const message = `${key}: clashes with ${placeOf(earlier)}; builder and site cannot both say it`;
      findings.report("error", "clash", message, command);
    }
    if (verdict === "first") {
      findings.notes.push(`${placeOf(command)}: ${key} gives way to ${placeOf(earlier)}`);
      continue;
    }
    if (verdict === "second" && earlier.origin !== command.origin) {
      findings.notes.push(`${placeOf(earlier)}: ${key} gives way to ${placeOf(command)}`);
    }
    kept.delete(earlier);
    kept.add(command);
    byKey.set(key, command);
  }
  return kept;
}
