import type { FileTrigger, PackagePlan } from "../../package/index.ts";
import { sense } from "../format/flags.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import { type Dependency, sortDependencies } from "./dependencies.ts";
import { interpreterDependency, scriptBody } from "./scriptlet-entries.ts";

/** Priority that rpmbuild writes; its manual has another value. */
const DEFAULT_PRIORITY = 1000000;

const events: Readonly<Record<FileTrigger["event"], number>> = {
  in: sense.TRIGGERIN,
  un: sense.TRIGGERUN,
  postun: sense.TRIGGERPOSTUN,
};

const prefixes = { file: "FILETRIGGER", transaction: "TRANSFILETRIGGER" } as const;

function conditions(triggers: readonly FileTrigger[]): Dependency[] {
  return sortDependencies(
    triggers.flatMap((trigger, index) =>
      trigger.paths.map((path) => ({
        name: path,
        flags: events[trigger.event],
        version: "",
        index,
      })),
    ),
  );
}

function entriesOfScope(
  scope: FileTrigger["scope"],
  triggers: readonly FileTrigger[],
): HeaderEntry[] {
  if (triggers.length === 0) return [];
  const prefix = prefixes[scope];
  const sorted = conditions(triggers);
  return [
    mainEntry.texts(`${prefix}SCRIPTS`, triggers.map(scriptBody)),
    mainEntry.texts(
      `${prefix}SCRIPTPROG`,
      triggers.map(({ interpreter }) => interpreter[0] ?? ""),
    ),
    mainEntry.texts(
      `${prefix}NAME`,
      sorted.map(({ name }) => name),
    ),
    mainEntry.integers(
      `${prefix}INDEX`,
      sorted.map(({ index = 0 }) => index),
    ),
    mainEntry.texts(
      `${prefix}VERSION`,
      sorted.map(({ version }) => version),
    ),
    mainEntry.integers(
      `${prefix}FLAGS`,
      sorted.map(({ flags }) => flags),
    ),
    mainEntry.integers(
      `${prefix}PRIORITIES`,
      triggers.map(({ priority = DEFAULT_PRIORITY }) => priority),
    ),
  ];
}

/** Returns the tags of the file triggers of a package. */
export function triggerEntries(plan: PackagePlan): HeaderEntry[] {
  return (["file", "transaction"] as const).flatMap((scope) =>
    entriesOfScope(
      scope,
      plan.fileTriggers.filter((trigger) => trigger.scope === scope),
    ),
  );
}

/** Returns the requirements of a package's file triggers. */
export function triggerDependencies(plan: PackagePlan): Dependency[] {
  return plan.fileTriggers.flatMap((trigger) => interpreterDependency(trigger, 0));
}
