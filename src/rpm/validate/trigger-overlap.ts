import { compareEvr, compareVersions, type Evr, parseEvr } from "../../lib/evr.ts";
import type { PackageTrigger, Relation } from "../../package/index.ts";

/** Compares as rpm does for relations: releases count if both sides have one. */
function compareForRelation(a: Evr, b: Evr): number {
  const byVersion = compareEvr({ ...a, release: undefined }, { ...b, release: undefined });
  if (byVersion !== 0 || a.release === undefined || b.release === undefined) return byVersion;
  return compareVersions(a.release, b.release);
}

/** Whether one version can meet both conditions, as rpm decides it. Source: rpm `lib/rpmds.c`, `rpmdsCompareEVR`. */
function overlaps(a: Relation, b: Relation): boolean {
  if (a.version === undefined || b.version === undefined) return true;
  const order = compareForRelation(parseEvr(a.version), parseEvr(b.version));
  const has = ({ comparison }: Relation, sign: string): boolean =>
    comparison?.includes(sign) === true;
  if (order < 0) return has(a, ">") || has(b, "<");
  if (order > 0) return has(a, "<") || has(b, ">");
  return ["<", "=", ">"].some((sign) => has(a, sign) && has(b, sign));
}

function textOf({ name, comparison, version }: Relation): string {
  return version === undefined ? name : `${name} ${comparison} ${version}`;
}

/** Returns the conditions of package triggers that one package can meet twice for one event; rpmbuild drops the later. */
export function overlapProblems(triggers: readonly PackageTrigger[]): string[] {
  const all = triggers.flatMap(({ event, packages }, i) =>
    packages.map((relation) => ({ event, relation, what: `package trigger ${i + 1}` })),
  );
  return all.flatMap(({ event, relation, what }, i) => {
    const earlier = all
      .slice(0, i)
      .find(
        (one) =>
          one.event === event &&
          one.relation.name === relation.name &&
          overlaps(one.relation, relation),
      );
    return earlier === undefined
      ? []
      : [
          `${what}: "${textOf(relation)}" overlaps with "${textOf(earlier.relation)}" of ${earlier.what}`,
        ];
  });
}
