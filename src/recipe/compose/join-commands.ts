import type { CommandRow } from "../kickstart/command-row.ts";
import { commandRow } from "../kickstart/command-table.ts";
import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem, Release } from "../kickstart/model.ts";
import { optionValue } from "../kickstart/read-options.ts";
import { reached } from "../kickstart/value-type.ts";
import { isHostnameOnly } from "./split-network.ts";
import { type Findings, placeOf, precedenceOf, type Statement, yieldsTo } from "./statement.ts";

type Command = Statement<CommandItem>;

/** Commands that describe the disk layout. Two layouts cannot be mixed. */
const LAYOUT = new Set(
  "autopart btrfs logvol mount part partition raid reqpart snapshot volgroup".split(" "),
);

/** Returns the key of a statement. Two statements with one key conflict; one without a key never does. */
function keyOf(item: CommandItem, row: CommandRow): string | undefined {
  if (row.group !== undefined) return row.group;
  // All devices share one key: `link`, which the installer resolves, and a name may be the same device.
  if (row.name === "network") return isHostnameOnly(item) ? "network --hostname" : "network";
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

/** Reports a command that its author may not use. */
function checkAuthor(command: Command, release: Release, findings: Findings): void {
  const row = commandRow(command.item.name);
  // A removed command has no author; lintKickstart reports it.
  if (row === undefined || reached(row.removed, release)) return;
  const { author } = command;
  const side = author === "builder" ? "builder" : author === "stock" ? undefined : "site";
  if (row.usableBy === "neither") {
    const message = `${row.name}: has no effect in an unattended installation`;
    findings.report("error", "author", message, command);
  } else if (side !== undefined && row.usableBy !== "both" && row.usableBy !== side) {
    const asking = side === "builder" ? ", which may ask for its values only with parameters" : "";
    const message = `${row.name}: only the ${row.usableBy} may set it, not the ${side}${asking}`;
    findings.report("error", "author", message, command);
  }
}

/** Reports two statements of one document that set the same thing. The installer silently uses the later one. */
function checkRepeated(first: Command, second: Command, key: string, findings: Findings): void {
  const message = `${key}: appears twice, first in line ${first.item.line}; the later one counts`;
  findings.report("warning", "repeated", message, second);
}

/** Removes the stock kickstart's disk layout if another document has one. */
function withoutStockLayout(commands: readonly Command[], findings: Findings): readonly Command[] {
  const isLayout = ({ item }: Command): boolean => LAYOUT.has(item.name);
  if (!commands.some((command) => isLayout(command) && command.author !== "stock")) return commands;
  return commands.filter((command) => {
    if (command.author !== "stock" || !isLayout(command)) return true;
    findings.note(
      `${placeOf(command)}: ${command.item.name} is overridden by the recipe's own disk layout`,
    );
    return false;
  });
}

/** The lines of one document that have one key. There are several only if the command may be repeated. */
interface Claim {
  readonly key: string;
  readonly lines: readonly Command[];
}

/** Returns the claims of a document, one for each key, and its lines without a key, which never conflict. */
function claimsOf(
  document: readonly Command[],
  findings: Findings,
): { readonly claims: readonly Claim[]; readonly free: readonly Command[] } {
  const free: Command[] = [];
  const claims = new Map<string, Command[]>();
  for (const command of document) {
    const row = commandRow(command.item.name);
    const key = row === undefined ? undefined : keyOf(command.item, row);
    const lines = key === undefined ? undefined : claims.get(key);
    if (key === undefined) free.push(command);
    else if (lines === undefined) claims.set(key, [command]);
    else if (row?.combine.kind === "each") lines.push(command);
    else {
      const [first] = lines.splice(0, 1, command);
      if (first !== undefined && wordsOf(first) !== wordsOf(command))
        checkRepeated(first, command, key, findings);
    }
  }
  return { claims: [...claims].map(([key, lines]) => ({ key, lines })), free };
}

/** Returns the lines of a claim that the other claim does not have in the same words. */
function linesBeside(claim: Claim, other: Claim): readonly Command[] {
  const said = new Set(other.lines.map(wordsOf));
  return claim.lines.filter((line) => !said.has(wordsOf(line)));
}

/** Returns the line whose author decides for all lines: one with a given value if there is one, else the first. */
function decisiveLine(lines: readonly Command[]): Command | undefined {
  return lines.find(({ author }) => author === "given") ?? lines[0];
}

/** Returns the one of two claims with the same key that takes precedence, see `precedenceOf`. */
function settle(earlier: Claim, later: Claim, findings: Findings): Claim {
  const lost = linesBeside(earlier, later);
  const added = linesBeside(later, earlier);
  const first = decisiveLine(lost) ?? earlier.lines[0];
  const second = decisiveLine(added) ?? later.lines[0];
  if (first === undefined || second === undefined) return later;
  if (lost.length === 0 && added.length === 0) return yieldsTo(first, second) ? later : earlier;
  const { key } = later;
  const precedence = precedenceOf(first, second);
  if (precedence === "clash") {
    // A claim that only adds lines to the other one does not contradict it.
    if (added.length === 0) return earlier;
    if (lost.length === 0) return later;
    const isGiven = first.author === "given" || second.author === "given";
    const authors = isGiven ? "a parameter's value and the site's document" : "builder and site";
    const message = `${key}: clashes with ${placeOf(first)}; ${authors} cannot both set it`;
    findings.report("error", "clash", message, second);
    return later;
  }
  const [winner, losers] = precedence === "first" ? [first, added] : [second, lost];
  for (const loser of losers)
    findings.note(`${placeOf(loser)}: ${key} is overridden by ${placeOf(winner)}`);
  return precedence === "first" ? earlier : later;
}

/**
 * Returns the commands of all documents that are kept. `joinLists` joins the `joined` ones afterwards. `precedenceOf`
 * decides between conflicting commands of two documents. A clash is an error; an overridden command is a note.
 */
export function joinCommands(
  all: readonly Command[],
  release: Release,
  findings: Findings,
): ReadonlySet<Command> {
  for (const command of all) checkAuthor(command, release, findings);
  const documents = new Map<string, Command[]>();
  for (const command of withoutStockLayout(all, findings)) {
    const lines = documents.get(command.origin);
    if (lines === undefined) documents.set(command.origin, [command]);
    else lines.push(command);
  }
  const kept = new Set<Command>();
  const byKey = new Map<string, Claim>();
  for (const document of documents.values()) {
    const { claims, free } = claimsOf(document, findings);
    for (const command of free) kept.add(command);
    for (const claim of claims) {
      const earlier = byKey.get(claim.key);
      byKey.set(claim.key, earlier === undefined ? claim : settle(earlier, claim, findings));
    }
  }
  for (const { lines } of byKey.values()) for (const line of lines) kept.add(line);
  return kept;
}
