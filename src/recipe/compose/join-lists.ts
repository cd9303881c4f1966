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

/** One thing that a list or flag says, and who said it. */
interface Claim {
  readonly option: string;
  /** Undefined for a flag. */
  readonly item: string | undefined;
  readonly by: Command;
}

/** Names of one option. */
const ALIASES: Readonly<Record<string, string>> = {
  "--disable": "--disabled",
  "--enable": "--enabled",
};

/** Options that contradict each other: for one item of their lists, or as flags. */
const OPPOSITES: Readonly<Record<string, string>> = {
  "--disabled": "--enabled",
  "--enabled": "--disabled",
  "--remove-service": "--service",
  "--service": "--remove-service",
};

/** Flags that make everything else that is said meaningless. */
const EXCLUSIVE = new Set(["--disabled", "--use-system-defaults"]);

/** Flags of `firewall` that are services by another name. */
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

/** Returns whether two claims cannot both hold. A document that says an exclusive one knows what else it says. */
function contradict(a: Claim, b: Claim): boolean {
  if (a.item === b.item && OPPOSITES[a.option] === b.option) return true;
  return a.by.origin !== b.by.origin && (isExclusive(a) || isExclusive(b));
}

/** Returns the claims that hold and may contradict another. They are looked up, because lists may be long. */
function rivalsOf(claim: Claim, claims: ReadonlyMap<string, Claim>): readonly Claim[] {
  if (isExclusive(claim)) return [...claims.values()];
  const opposite = OPPOSITES[claim.option];
  const keys = new Set([...EXCLUSIVE].map((option) => keyOf(option, undefined)));
  if (opposite !== undefined) keys.add(keyOf(opposite, claim.item));
  return [...keys].flatMap((key) => claims.get(key) ?? []);
}

/** Returns the claims of all commands; what makes others meaningless once for each document. */
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

/** Adds a claim to those that hold, settling what it contradicts. */
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
 * Joins statements whose lists add up (`services`, `firewall`) into one line, which the installer needs: of two it would
 * take the last. What one document switches on and another off is settled as for single commands.
 *
 * @param commands  of one name
 * @returns the line, or undefined when there is none
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
