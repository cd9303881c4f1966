import type { RpmHeader } from "../rpm/index.ts";
import { headerTexts } from "./header-text.ts";
import { isPrimaryPath } from "./render-package.ts";
import type { DependencyKind, DependencyRecord, FileRecord } from "./package-record.ts";

/** rpm's sense bits, `include/rpm/rpmds.h`. */
const SENSE_PREREQ = 1 << 6;
const SENSE_PRETRANS = 1 << 7;
const SENSE_POSTTRANS = 1 << 5;
const SENSE_SCRIPT_PRE = 1 << 9;
const SENSE_SCRIPT_POST = 1 << 10;
const SENSE_MISSINGOK = 1 << 19;
/** createrepo_c includes pretrans and posttrans since 1.1.1. */
const PRE_SENSES =
  SENSE_PREREQ | SENSE_SCRIPT_PRE | SENSE_SCRIPT_POST | SENSE_PRETRANS | SENSE_POSTTRANS;

const comparisons: Readonly<Record<number, "LT" | "GT" | "EQ" | "LE" | "GE">> = {
  2: "LT",
  4: "GT",
  8: "EQ",
  10: "LE",
  12: "GE",
};

const tags = {
  provides: ["PROVIDENAME", "PROVIDEFLAGS", "PROVIDEVERSION"],
  requires: ["REQUIRENAME", "REQUIREFLAGS", "REQUIREVERSION"],
  conflicts: ["CONFLICTNAME", "CONFLICTFLAGS", "CONFLICTVERSION"],
  obsoletes: ["OBSOLETENAME", "OBSOLETEFLAGS", "OBSOLETEVERSION"],
  suggests: ["SUGGESTNAME", "SUGGESTFLAGS", "SUGGESTVERSION"],
  enhances: ["ENHANCENAME", "ENHANCEFLAGS", "ENHANCEVERSION"],
  recommends: ["RECOMMENDNAME", "RECOMMENDFLAGS", "RECOMMENDVERSION"],
  supplements: ["SUPPLEMENTNAME", "SUPPLEMENTFLAGS", "SUPPLEMENTVERSION"],
} as const satisfies Record<DependencyKind, readonly [string, string, string]>;

interface RawDependency {
  readonly entry: DependencyRecord;
  readonly version: string;
  readonly sense: number;
}

/** Splits `[epoch:]version[-release]`; returns undefined if the epoch is not a number. */
function splitEvr(
  text: string,
): Pick<DependencyRecord, "epoch" | "version" | "release"> | undefined {
  const match = /^(?:([^:]*):)?([^-]*)(?:-(.*))?$/s.exec(text);
  if (match === null) return {};
  const [, epoch, version, release] = match;
  if (epoch !== undefined && epoch !== "" && !/^\d+$/.test(epoch)) return undefined;
  return {
    epoch: epoch === undefined || epoch === "" ? "0" : epoch,
    ...(version === undefined || version === "" ? {} : { version }),
    ...(release === undefined || release === "" ? {} : { release }),
  };
}

function readList(header: RpmHeader<"main">, kind: DependencyKind): RawDependency[] {
  const [nameTag, flagsTag, versionTag] = tags[kind];
  const senses = header.integers(flagsTag);
  const versions = header.strings(versionTag);
  const found: RawDependency[] = [];
  for (const [i, name] of headerTexts(header, nameTag).entries()) {
    if (name === "") continue;
    const sense = senses[i] ?? 0;
    const version = versions[i] ?? "";
    const flags = comparisons[sense & 0xf];
    if (flags === undefined) {
      found.push({ entry: { name }, version, sense });
      continue;
    }
    const evr = version === "" ? {} : splitEvr(version);
    if (evr !== undefined) found.push({ entry: { name, flags, ...evr }, version, sense });
  }
  return found;
}

/** Orders the versions in names such as `libc.so.6(GLIBC_2.14)(64bit)`, number by number. */
function compareLibc(left: string, right: string): number {
  const numbers = (name: string): number[] =>
    (/^[^(]*\(([^)]*)\)/.exec(name)?.[1]?.match(/\d+/g) ?? []).map(Number);
  const a = numbers(left);
  const b = numbers(right);
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Key of equal dependencies. */
function key({ entry, version }: RawDependency): string {
  return [entry.name, entry.flags ?? "", version].join("\0");
}

/**
 * Drops requirements that rpm or the package itself provides, and duplicates: as createrepo_c, those that equal the last
 * one of the same name. `/bin/sh` may appear again after `/bin/sh pre`.
 */
function filterRequires(
  all: readonly RawDependency[],
  provides: readonly RawDependency[],
  files: readonly FileRecord[],
): DependencyRecord[] {
  const provided = new Set(provides.map(key));
  const ownPaths = new Set(files.map((file) => file.path).filter(isPrimaryPath));
  const lastOfName = new Map<string, string>();
  const kept: DependencyRecord[] = [];
  let libc: DependencyRecord | undefined;
  for (const one of all) {
    const { entry, sense } = one;
    const pre = (sense & PRE_SENSES) !== 0;
    const identity = `${key(one)}\0${pre}`;
    if (entry.name.startsWith("rpmlib(") || ownPaths.has(entry.name)) continue;
    if (provided.has(key(one)) || lastOfName.get(entry.name) === identity) continue;
    lastOfName.set(entry.name, identity);
    const record: DependencyRecord = pre ? { ...entry, pre: true } : entry;
    if (!entry.name.startsWith("libc.so.6")) kept.push(record);
    else if (libc === undefined || compareLibc(libc.name, entry.name) < 0) libc = record;
  }
  return libc === undefined ? kept : [...kept, libc];
}

/**
 * Returns the dependencies of a package for metadata, in the order of the header.
 *
 * @param files  all files of the package
 */
export function dependencyRecords(
  header: RpmHeader<"main">,
  files: readonly FileRecord[],
): Record<DependencyKind, readonly DependencyRecord[]> {
  const list = (kind: DependencyKind): RawDependency[] => readList(header, kind);
  const entries = (kind: DependencyKind): DependencyRecord[] =>
    list(kind).map(({ entry }) => entry);
  const provides = list("provides");
  const isWeak = ({ sense }: RawDependency): boolean => (sense & SENSE_MISSINGOK) !== 0;
  const requires = list("requires");
  return {
    provides: provides.map(({ entry }) => entry),
    requires: filterRequires(
      requires.filter((one) => !isWeak(one)),
      provides,
      files,
    ),
    conflicts: entries("conflicts"),
    obsoletes: entries("obsoletes"),
    suggests: entries("suggests"),
    enhances: entries("enhances"),
    // Before rpm 4.12, SUSE marked recommendations this way.
    recommends: [...entries("recommends"), ...requires.filter(isWeak).map(({ entry }) => entry)],
    supplements: entries("supplements"),
  };
}
