import type { Comparison, PackagePlan, Relation, RequirePhase } from "../../package/index.ts";
import { sense } from "../format/flags.ts";

/** A dependency as the header stores it. */
export interface Dependency {
  readonly name: string;
  /** {@link sense} bits. */
  readonly flags: number;
  /** Empty if any version is sufficient. */
  readonly version: string;
  /** Position of the trigger, for a trigger condition. */
  readonly index?: number;
}

const comparisons: Readonly<Record<Comparison, number>> = {
  "<": sense.LESS,
  "<=": sense.LESS | sense.EQUAL,
  "=": sense.EQUAL,
  ">=": sense.GREATER | sense.EQUAL,
  ">": sense.GREATER,
};

const phases: Readonly<Record<RequirePhase, number>> = {
  pre: sense.SCRIPT_PRE,
  post: sense.SCRIPT_POST,
  preun: sense.SCRIPT_PREUN,
  postun: sense.SCRIPT_POSTUN,
  pretrans: sense.PRETRANS,
  posttrans: sense.POSTTRANS,
};

/** Name of each architecture in the `NAME(isa)` that rpm provides; for others, the name itself and `-64`. */
const isaNames: Readonly<Record<string, string>> = {
  x86_64: "x86-64",
  i386: "x86-32",
  i486: "x86-32",
  i586: "x86-32",
  i686: "x86-32",
  aarch64: "aarch-64",
  armv7hl: "armv7hl-32",
  ppc64: "ppc-64",
  ppc64le: "ppc-64",
  s390x: "s390-64",
  riscv64: "riscv-64",
};

/** Returns `[epoch:]version-release`. */
export function evrOf(plan: Pick<PackagePlan, "epoch" | "version" | "release">): string {
  return `${plan.epoch === undefined ? "" : `${plan.epoch}:`}${plan.version}-${plan.release}`;
}

/** Returns the dependency for a planned relation. */
export function dependencyOf(relation: Relation): Dependency {
  const phaseFlags = (relation.phases ?? []).reduce((flags, phase) => flags | phases[phase], 0);
  const sign = relation.comparison === undefined ? 0 : comparisons[relation.comparison];
  return { name: relation.name, flags: sign | phaseFlags, version: relation.version ?? "" };
}

/** Whether a dependency is a boolean expression. */
export function isRich(dependency: Dependency): boolean {
  return dependency.name.startsWith("(");
}

function configDependency(plan: PackagePlan): Dependency[] {
  const isConfig = plan.entries.some((entry) => entry.attributes?.includes("config") === true);
  if (!isConfig) return [];
  const flags = sense.EQUAL | sense.CONFIG;
  return [{ name: `config(${plan.name})`, flags, version: evrOf(plan) }];
}

/**
 * Returns the provides of a package: those of the plan, its own name, that with the architecture, and its configuration
 * files.
 */
export function provideDependencies(plan: PackagePlan): Dependency[] {
  const isa = isaNames[plan.arch] ?? `${plan.arch}-64`;
  const names = plan.arch === "noarch" ? [plan.name] : [plan.name, `${plan.name}(${isa})`];
  return [
    ...plan.provides.map(dependencyOf),
    ...names.map((name) => ({ name, flags: sense.EQUAL, version: evrOf(plan) })),
    ...configDependency(plan),
  ];
}

/** Returns the requirements of the files and relations of a plan, without those of scriptlets and of the payload. */
export function requireDependencies(plan: PackagePlan): Dependency[] {
  return [...plan.requires.map(dependencyOf), ...configDependency(plan)];
}

/**
 * Sorts as rpmbuild does, by name and version as bytes, then flags, then trigger, and drops duplicates. rpm uses a
 * binary search in these lists.
 */
export function sortDependencies(dependencies: readonly Dependency[]): Dependency[] {
  const compare = (a: Dependency, b: Dependency): number =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) ||
    Buffer.compare(Buffer.from(a.version), Buffer.from(b.version)) ||
    a.flags - b.flags ||
    (a.index ?? 0) - (b.index ?? 0);
  return dependencies.toSorted(compare).filter((dependency, i, sorted) => {
    const previous = sorted[i - 1];
    return previous === undefined || compare(previous, dependency) !== 0;
  });
}
