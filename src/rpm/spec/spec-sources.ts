import path from "node:path";
import type { FileSource, PackagePlan, PlannedEntry } from "../../package/index.ts";

type PlannedFile = Extract<PlannedEntry, { readonly kind: "file" }> & {
  readonly source: Exclude<FileSource, { readonly kind: "hardlink" }>;
};

/** A file of the package as a source of the spec. */
export interface SpecSource {
  readonly entry: PlannedFile;
  /** Name in the folder of sources: letters, digits and `. _ + -`. */
  readonly name: string;
}

/**
 * Returns every regular file of a package, hard links once, with its name among the sources, in the order of the plan. A name is the
 * file's own where it is plain and no other source has it, else it begins with a number.
 */
export function specSources(plan: PackagePlan): readonly SpecSource[] {
  // rpm puts the spec beside the sources.
  const taken = new Set<string>([`${plan.name}.spec`]);
  return plan.entries.flatMap((entry, index) => {
    if (entry.kind !== "file") return [];
    const { source } = entry;
    if (source.kind === "hardlink") return [];
    const plain = path.posix.basename(entry.path).replaceAll(/[^A-Za-z0-9._+-]/g, "_");
    const isFree = /^[A-Za-z0-9]/.test(plain) && plain.length <= 200 && !taken.has(plain);
    const numbered = (number: number): string => `${number}-${plain.slice(-200)}`;
    let number = index;
    while (taken.has(numbered(number))) number += 1;
    const name = isFree ? plain : numbered(number);
    taken.add(name);
    return [{ entry: { ...entry, source }, name }];
  });
}
