import type { PackagePlan } from "../../package/index.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import {
  type Dependency,
  dependencyOf,
  provideDependencies,
  requireDependencies,
  sortDependencies,
} from "./dependencies.ts";
import type { Layout } from "./layout.ts";
import { featureDependencies } from "./rpmlib.ts";
import { scriptletDependencies } from "./scriptlet-entries.ts";
import { triggerConditions, triggerDependencies, triggersOf } from "./trigger-entries.ts";

type Prefix =
  | "PROVIDE"
  | "REQUIRE"
  | "CONFLICT"
  | "OBSOLETE"
  | "RECOMMEND"
  | "SUGGEST"
  | "SUPPLEMENT"
  | "ENHANCE";

type DependencyList = readonly [prefix: Prefix, dependencies: readonly Dependency[]];

function entriesOf(prefix: Prefix, dependencies: readonly Dependency[]): HeaderEntry[] {
  if (dependencies.length === 0) return [];
  const sorted = sortDependencies(dependencies);
  return [
    mainEntry.texts(
      `${prefix}NAME`,
      sorted.map(({ name }) => name),
    ),
    mainEntry.integers(
      `${prefix}FLAGS`,
      sorted.map(({ flags }) => flags),
    ),
    mainEntry.texts(
      `${prefix}VERSION`,
      sorted.map(({ version }) => version),
    ),
  ];
}

/** Returns the tags of all relations of a package, including those that rpmbuild adds. */
export function dependencyEntries(plan: PackagePlan, layout: Layout): HeaderEntry[] {
  const requires = [
    ...requireDependencies(plan),
    ...scriptletDependencies(plan),
    ...triggerDependencies(plan),
  ];
  const others: readonly DependencyList[] = [
    ["PROVIDE", provideDependencies(plan)],
    ["CONFLICT", plan.conflicts.map(dependencyOf)],
    ["OBSOLETE", plan.obsoletes.map(dependencyOf)],
    ["RECOMMEND", plan.recommends.map(dependencyOf)],
    ["SUGGEST", plan.suggests.map(dependencyOf)],
    ["SUPPLEMENT", plan.supplements.map(dependencyOf)],
    ["ENHANCE", plan.enhances.map(dependencyOf)],
  ];
  const features = featureDependencies({
    plan,
    layout,
    scriptlets: [...Object.values(plan.scriptlets), ...triggersOf(plan)],
    dependencies: [
      ...requires,
      ...triggerConditions(plan),
      ...others.flatMap(([, dependencies]) => dependencies),
    ],
  });
  const lists: readonly DependencyList[] = [["REQUIRE", [...requires, ...features]], ...others];
  return lists.flatMap(([prefix, dependencies]) => entriesOf(prefix, dependencies));
}
