import type {
  FileTrigger,
  PackagePlan,
  PackageTrigger,
  Relation,
  Scriptlet,
} from "../../package/index.ts";
import { sense } from "../format/flags.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import { type Dependency, dependencyOf, sortDependencies } from "./dependencies.ts";
import { interpreterDependency, scriptBody } from "./scriptlet-entries.ts";

/** Priority that rpmbuild writes; its manual has another value. */
const DEFAULT_PRIORITY = 1000000;

const events: Readonly<Record<PackageTrigger["event"], number>> = {
  prein: sense.TRIGGERPREIN,
  in: sense.TRIGGERIN,
  un: sense.TRIGGERUN,
  postun: sense.TRIGGERPOSTUN,
};

/** Triggers of one kind: each is found by conditions, which have its position in the list of scripts. */
interface TriggerList {
  readonly prefix: "TRIGGER" | "FILETRIGGER" | "TRANSFILETRIGGER";
  readonly triggers: readonly (PackageTrigger | FileTrigger)[];
}

function listsOf({ packageTriggers, fileTriggers }: PackagePlan): readonly TriggerList[] {
  const inScope = (wanted: FileTrigger["scope"]): readonly FileTrigger[] =>
    fileTriggers.filter(({ scope }) => scope === wanted);
  return [
    { prefix: "TRIGGER", triggers: packageTriggers },
    { prefix: "FILETRIGGER", triggers: inScope("file") },
    { prefix: "TRANSFILETRIGGER", triggers: inScope("transaction") },
  ];
}

function conditionsOf({ triggers }: TriggerList): Dependency[] {
  const relationsOf = (trigger: PackageTrigger | FileTrigger): readonly Relation[] =>
    "paths" in trigger ? trigger.paths.map((name) => ({ name })) : trigger.packages;
  return sortDependencies(
    triggers.flatMap((trigger, index) =>
      relationsOf(trigger)
        .map(dependencyOf)
        .map(({ name, version, flags }) => ({
          name,
          version,
          flags: flags | events[trigger.event],
          index,
        })),
    ),
  );
}

function priorityEntries({ prefix, triggers }: TriggerList): HeaderEntry[] {
  if (prefix === "TRIGGER") return [];
  const priorities = triggers.map((trigger) =>
    "priority" in trigger ? (trigger.priority ?? DEFAULT_PRIORITY) : DEFAULT_PRIORITY,
  );
  return [mainEntry.integers(`${prefix}PRIORITIES`, priorities)];
}

function entriesOf(list: TriggerList): HeaderEntry[] {
  const { prefix, triggers } = list;
  if (triggers.length === 0) return [];
  const conditions = conditionsOf(list);
  return [
    mainEntry.texts(`${prefix}SCRIPTS`, triggers.map(scriptBody)),
    mainEntry.texts(
      `${prefix}SCRIPTPROG`,
      triggers.map(({ interpreter }) => interpreter[0] ?? ""),
    ),
    mainEntry.texts(
      `${prefix}NAME`,
      conditions.map(({ name }) => name),
    ),
    mainEntry.integers(
      `${prefix}INDEX`,
      conditions.map(({ index = 0 }) => index),
    ),
    mainEntry.texts(
      `${prefix}VERSION`,
      conditions.map(({ version }) => version),
    ),
    mainEntry.integers(
      `${prefix}FLAGS`,
      conditions.map(({ flags }) => flags),
    ),
    ...priorityEntries(list),
  ];
}

/** Returns all triggers of a package. */
export function triggersOf(plan: PackagePlan): readonly Scriptlet[] {
  return [...plan.packageTriggers, ...plan.fileTriggers];
}

/** Returns the tags of the triggers of a package. */
export function triggerEntries(plan: PackagePlan): HeaderEntry[] {
  return listsOf(plan).flatMap(entriesOf);
}

/** Returns the conditions of the triggers of a package. */
export function triggerConditions(plan: PackagePlan): readonly Dependency[] {
  return listsOf(plan).flatMap(conditionsOf);
}

/** Returns the requirements of a package's triggers. */
export function triggerDependencies(plan: PackagePlan): Dependency[] {
  return triggersOf(plan).flatMap((trigger) => interpreterDependency(trigger, 0));
}
