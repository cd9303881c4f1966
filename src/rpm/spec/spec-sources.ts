import path from "node:path";
import type { PackagePlan, PlannedEntry } from "../../package/index.ts";

type PlannedFile = Extract<PlannedEntry, { readonly kind: "file" }>;

/** A file of the package as a source of the spec. */
export interface SpecSource {
  readonly entry: PlannedFile;
  /** Name in the folder of sources: letters, digits and `. _ + -`. */
  readonly name: string;
}

/**
 * Returns every regular file of a package with its name among the sources, in the order of the plan. A name is the
 * file's own where it is plain and no other file has it, else it begins with a number.
 */
export function specSources(plan: PackagePlan): readonly SpecSource[] {
  const taken = new Set<string>();
  return plan.entries.flatMap((entry, index) => {
    if (entry.kind !== "file") return [];
    const plain = path.posix.basename(entry.path).replaceAll(/[^A-Za-z0-9._+-]/g, "_");
    const isFree = /^[A-Za-z0-9]/.test(plain) && plain.length <= 200 && !taken.has(plain);
    const name = isFree ? plain : `${index}-${plain.slice(-200)}`;
    taken.add(name);
    return [{ entry, name }];
  });
}
