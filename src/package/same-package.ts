import { ApplianceError } from "../errors.ts";

/** A package that a source is built into. */
export interface SourcePackage {
  readonly source: string;
  /** Name of the package's file. */
  readonly file: string;
}

/** Returns the name of a package's file. */
export function plannedFileName(of: {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
}): string {
  return `${of.name}-${of.version}-${of.release}.${of.arch}.rpm`;
}

/**
 * Refuses sources that would give the same package.
 *
 * @throws ApplianceError `PLAN_SAME_PACKAGE` naming every such package and its sources
 */
export function refuseSamePackage(packages: readonly SourcePackage[]): void {
  const sources = new Map<string, string[]>();
  for (const { source, file } of packages) {
    sources.set(file, [...(sources.get(file) ?? []), source]);
  }
  const clashes = [...sources].filter(([, from]) => from.length > 1);
  const [first] = clashes;
  if (first === undefined) return;
  const tell = ([file, from]: readonly [string, readonly string[]]): string =>
    `${file}: would be built from ${from.join(" and ")}, expected one source`;
  throw new ApplianceError("PLAN_SAME_PACKAGE", tell(first), {
    details: clashes.slice(1).map(tell),
    hint: "set a different version or release in each descriptor, or build them into separate folders",
  });
}
