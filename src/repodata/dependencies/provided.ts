import { compareVersions, type Evr } from "../../lib/evr.ts";
import { isPrimaryPath } from "../render-package.ts";
import type { Condition, NamedCondition, Range } from "./condition.ts";

/** A name that a package provides. */
interface Provided {
  /** The number of the package. */
  readonly owner: number;
  readonly arch: string;
  /** Undefined: it meets every requirement of the name. */
  readonly range: Range | undefined;
}

/** Names that packages provide, among them the paths of their files. */
export interface ProvidedNames {
  /** Adds a name. Only wanted names are kept. */
  add(name: string, provided: Provided): void;
  providersOf(name: string): readonly Provided[];
}

/** Returns an empty collection that keeps the wanted names only, so that its size does not depend on the repositories. */
export function openProvidedNames(wanted: ReadonlySet<string>): ProvidedNames {
  const all = new Map<string, Provided[]>();
  return {
    add(name, provided): void {
      if (!wanted.has(name)) return;
      const found = all.get(name);
      if (found === undefined) all.set(name, [provided]);
      else found.push(provided);
    },
    providersOf: (name) => all.get(name) ?? [],
  };
}

/** Compares as rpm does for dependencies: a release counts if both have one. */
function compareForDependency(a: Evr, b: Evr): number {
  const byEpoch = (a.epoch ?? 0) - (b.epoch ?? 0);
  if (byEpoch !== 0) return byEpoch;
  const byVersion = compareVersions(a.version, b.version);
  if (byVersion !== 0 || !a.release || !b.release) return byVersion;
  return compareVersions(a.release, b.release);
}

const isLess = ({ flags }: Range): boolean => flags === "LT" || flags === "LE";
const isGreater = ({ flags }: Range): boolean => flags === "GT" || flags === "GE";
const isEqual = ({ flags }: Range): boolean => flags === "EQ" || flags === "LE" || flags === "GE";

/**
 * Returns whether two ranges of versions have one in common.
 *
 * @see rpm `lib/rpmds.c`, `rpmdsCompareEVR`
 */
export function overlaps(a: Range | undefined, b: Range | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  const order = compareForDependency(a.evr, b.evr);
  if (order < 0) return isGreater(a) || isLess(b);
  if (order > 0) return isLess(a) || isGreater(b);
  return (isEqual(a) && isEqual(b)) || (isLess(a) && isLess(b)) || (isGreater(a) && isGreater(b));
}

/** The processors that install each other's packages; undefined if unknown. */
function familyOf(arch: string): string | undefined {
  if (/^(?:x86_64|amd64|ia32e|i[3-6]86|athlon|geode|pentium)/.test(arch)) return "x86";
  return /^(?:aarch64|arm|ppc64le|ppc|s390|riscv|loongarch)/.exec(arch)?.[0];
}

/** Returns whether a package can be installed beside one of another architecture. */
export function isBeside(provider: string, arch: string): boolean {
  if (provider === "src" || provider === "nosrc") return false;
  const [one, other] = [familyOf(provider), familyOf(arch)];
  return one === undefined || other === undefined || one === other;
}

/** A package whose dependencies are examined. */
export interface Dependent {
  readonly owner: number;
  readonly arch: string;
}

function providersFor(
  { name, range }: NamedCondition,
  names: ProvidedNames,
  { arch }: Dependent,
): readonly Provided[] {
  return names
    .providersOf(name)
    .filter((one) => isBeside(one.arch, arch) && overlaps(one.range, range));
}

/** True for a name of which nothing is known: rpm's own, and paths that primary metadata does not list. */
function isUndecided(name: string): boolean {
  return name.startsWith("rpmlib(") || (name.startsWith("/") && !isPrimaryPath(name));
}

/** Returns the packages that meet a condition alone; undefined if that cannot be decided. */
function ownersFor(
  condition: Condition,
  names: ProvidedNames,
  dependent: Dependent,
): ReadonlySet<number> | undefined {
  if (condition.kind === "name") {
    const found = providersFor(condition, names, dependent);
    if (found.length === 0 && isUndecided(condition.name)) return undefined;
    return new Set(found.map(({ owner }) => owner));
  }
  if (condition.kind !== "or" && condition.kind !== "with" && condition.kind !== "without") {
    return undefined;
  }
  const left = ownersFor(condition.left, names, dependent);
  const right = ownersFor(condition.right, names, dependent);
  if (left === undefined || right === undefined) return undefined;
  if (condition.kind === "or") return new Set([...left, ...right]);
  const isWith = condition.kind === "with";
  return new Set([...left].filter((one) => right.has(one) === isWith));
}

/** Returns whether a condition can be left unmet, because the dependent package itself does not meet it. */
function canFail(condition: Condition, names: ProvidedNames, dependent: Dependent): boolean {
  const fails = (one: Condition): boolean => canFail(one, names, dependent);
  if (condition.kind === "and") return fails(condition.left) || fails(condition.right);
  if (condition.kind === "or") return fails(condition.left) && fails(condition.right);
  return !(ownersFor(condition, names, dependent)?.has(dependent.owner) ?? false);
}

/**
 * Returns whether packages exist that meet a condition together with the dependent package. Whether they can be
 * installed, and beside each other, is not examined. True if it cannot be decided.
 */
export function canHold(condition: Condition, names: ProvidedNames, dependent: Dependent): boolean {
  if (condition.kind === "unknown") return true;
  if (condition.kind === "name" || condition.kind === "with" || condition.kind === "without") {
    return ownersFor(condition, names, dependent)?.size !== 0;
  }
  const { kind, left, right, otherwise } = condition;
  const holds = (one: Condition): boolean => canHold(one, names, dependent);
  if (kind === "and") return holds(left) && holds(right);
  if (kind === "or") return holds(left) || holds(right);
  const isLeftOut = canFail(right, names, dependent);
  if (kind === "if") {
    if (isLeftOut && (otherwise === undefined || holds(otherwise))) return true;
    return holds(right) && holds(left);
  }
  if (isLeftOut && holds(left)) return true;
  return otherwise !== undefined && holds(right) && holds(otherwise);
}
