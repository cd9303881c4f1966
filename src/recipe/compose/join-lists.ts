import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import { quoteKickstart } from "../kickstart/split-words.ts";
import {
  type Findings,
  JOINED,
  placeOf,
  precedenceOf,
  type Statement,
  yieldsTo,
} from "./statement.ts";

type Command = Statement<CommandItem>;

/** One item of a list, or one flag, with the command that contains it. */
interface Claim {
  readonly option: string;
  /** Undefined for a flag. */
  readonly item: string | undefined;
  readonly by: Command;
}

/** Other names of options. */
const ALIASES: Readonly<Record<string, string>> = {
  "--disable": "--disabled",
  "--enable": "--enabled",
};

/** Options that contradict each other: as flags, or as lists with the same item. */
const OPPOSITES: Readonly<Record<string, string>> = {
  "--disabled": "--enabled",
  "--enabled": "--disabled",
  "--remove-service": "--service",
  "--service": "--remove-service",
};

/** Flags that make all other options meaningless. */
const EXCLUSIVE = new Set(["--disabled", "--use-system-defaults"]);

/** Flags of `firewall` that are short for `--service`. */
const SERVICES = new Set(["--ftp", "--http", "--smtp", "--ssh"]);

function claimsOf(command: Command): Claim[] {
  return commandArguments(command.item).options.flatMap(({ name, value, row }): Claim[] => {
    const option = ALIASES[name] ?? name;
    if (SERVICES.has(name)) return [{ option: "--service", item: name.slice(2), by: command }];
    if (row?.type.kind !== "list") return [{ option, item: value, by: command }];
    return (value ?? "")
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "")
      .map((item) => ({ option, item, by: command }));
  });
}

function describe({ option, item, by }: Claim): string {
  return `${by.item.name} ${option}${item === undefined ? "" : ` ${item}`}`;
}

function keyOf(option: string, item: string | undefined): string {
  return JSON.stringify([option, item]);
}

function isExclusive({ option, item }: Claim): boolean {
  return item === undefined && EXCLUSIVE.has(option);
}

/** Returns whether two claims contradict each other. An exclusive claim contradicts only those of other documents. */
function contradict(a: Claim, b: Claim): boolean {
  if (a.item === b.item && OPPOSITES[a.option] === b.option) return true;
  return a.by.origin !== b.by.origin && (isExclusive(a) || isExclusive(b));
}

/** Returns the accepted claims that may contradict a claim. It looks them up by key, because lists may be long. */
function rivalsOf(claim: Claim, claims: ReadonlyMap<string, Claim>): readonly Claim[] {
  if (isExclusive(claim)) return [...claims.values()];
  const opposite = OPPOSITES[claim.option];
  const keys = new Set([...EXCLUSIVE].map((option) => keyOf(option, undefined)));
  if (opposite !== undefined) keys.add(keyOf(opposite, claim.item));
  return [...keys].flatMap((key) => claims.get(key) ?? []);
}

/** Returns the claims of all commands. An exclusive claim is returned once for each document. */
function allClaims(commands: readonly Command[]): readonly Claim[] {
  const exclusive = new Set<string>();
  return commands.flatMap(claimsOf).filter((claim) => {
    if (!isExclusive(claim)) return true;
    const key = JSON.stringify([claim.by.origin, claim.option]);
    const isNew = !exclusive.has(key);
    exclusive.add(key);
    return isNew;
  });
}

/** Adds a claim to the accepted ones, and resolves its contradictions. */
function settle(claims: Map<string, Claim>, claim: Claim, findings: Findings): void {
  const key = keyOf(claim.option, claim.item);
  const same = claims.get(key);
  if (same !== undefined) {
    if (yieldsTo(same.by, claim.by)) claims.set(key, claim);
    return;
  }
  let holds = true;
  for (const other of rivalsOf(claim, claims)) {
    if (!contradict(claim, other)) continue;
    const precedence = precedenceOf(other.by, claim.by);
    if (precedence === "clash") {
      const message = `${describe(claim)}: clashes with ${describe(other)} in ${placeOf(other.by)}`;
      findings.report("error", "clash", message, claim.by);
      holds = false;
      continue;
    }
    const [winner, loser] = precedence === "first" ? [other, claim] : [claim, other];
    findings.note(
      `${placeOf(loser.by)}: ${describe(loser)} is overridden by ${placeOf(winner.by)}`,
    );
    if (winner === claim) claims.delete(keyOf(other.option, other.item));
    else holds = false;
  }
  if (holds) claims.set(key, claim);
}

/**
 * Joins statements with lists (`services`, `firewall`) into one line, because the installer uses only the last of
 * several. If one document enables an item and another disables it, `precedenceOf` decides, as for single commands.
 *
 * @param commands  commands with the same name
 * @returns the joined line, or undefined if there are no commands
 */
export function joinLists(
  commands: readonly Command[],
  findings: Findings,
): Statement<CommandItem> | undefined {
  const [first] = commands;
  if (first === undefined) return undefined;
  const claims = new Map<string, Claim>();
  for (const claim of allClaims(commands)) settle(claims, claim, findings);
  const lists = new Map<string, string[]>();
  for (const { option, item } of claims.values()) {
    const items = lists.get(option) ?? [];
    if (item !== undefined) items.push(item);
    lists.set(option, items);
  }
  const words = [...lists.keys()].sort().map((option) => {
    const items = lists.get(option) ?? [];
    return items.length === 0 ? option : quoteKickstart(`${option}=${items.join(",")}`);
  });
  const text = `${[first.item.name, ...words].join(" ")}\n`;
  return { ...first, origin: JOINED, item: { ...first.item, text } };
}
