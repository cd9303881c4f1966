import type { PackagePlan, Scriptlet } from "../../package/index.ts";
import { sense } from "../format/flags.ts";
import { payloadCompressors } from "../payload-compressors.ts";
import { type Dependency, isRich } from "./dependencies.ts";
import { hasCapabilities } from "./file-entries.ts";
import type { Layout } from "./layout.ts";

/** Facts that determine which rpm features a package needs. */
export interface FeatureUse {
  readonly plan: PackagePlan;
  readonly layout: Layout;
  readonly scriptlets: readonly Scriptlet[];
  /** Relations of every kind except those to features. */
  readonly dependencies: readonly Dependency[];
}

/** A feature, the version in which rpm introduced it, and whether the package needs it. */
type FeatureRow = readonly [name: string, version: string, isNeeded: boolean];

function payloadFeatures({ payload }: PackagePlan): FeatureRow[] {
  if (payload.compressor === "none") return [];
  const { feature } = payloadCompressors[payload.compressor];
  return feature === undefined ? [] : [[...feature, true]];
}

/** Source: rpm `build/*.c`, the callers of `rpmlibNeedsFeature`. */
function featureTable({ plan, layout, scriptlets, dependencies }: FeatureUse): FeatureRow[] {
  const isInVersion = (char: string): boolean =>
    dependencies.some((dependency) =>
      (isRich(dependency) ? dependency.name : dependency.version).includes(char),
    );
  const usesLua = scriptlets.some(({ interpreter }) => interpreter[0] === "<lua>");
  // Format 6 implies them.
  const isFormat4 = layout.format === 4;
  const hasHardLinks = layout.entries.some(({ names }) => names.length > 1);
  const hasArguments = scriptlets.some(({ interpreter }) => interpreter.length > 1);
  return [
    ["BuiltinLuaScripts", "4.2.2-1", usesLua],
    ["CaretInVersions", "4.15.0-1", isInVersion("^")],
    ["CompressedFileNames", "3.0.4-1", isFormat4],
    ["FileCaps", "4.6.1-1", plan.entries.some(hasCapabilities)],
    ["FileDigests", "4.6.0-1", isFormat4],
    ["LargeFiles", "4.12.0-1", layout.usesLargeFiles && layout.entries.length > 0],
    ["PartialHardlinkSets", "4.0.4-1", isFormat4 && hasHardLinks],
    // Also with the stripped form of the archive, which has no names: rpmbuild does the same.
    ["PayloadFilesHavePrefix", "4.0-1", isFormat4],
    ...payloadFeatures(plan),
    ["RichDependencies", "4.12.0-1", dependencies.some(isRich)],
    ["ScriptletInterpreterArgs", "4.0.3-1", hasArguments],
    ["TildeInVersions", "4.10.0-1", isInVersion("~")],
  ];
}

/** Returns the `rpmlib(…)` requirements of a package: the features that the installing rpm must have. */
export function featureDependencies(use: FeatureUse): Dependency[] {
  return featureTable(use)
    .filter(([, , isNeeded]) => isNeeded)
    .map(([name, version]) => ({
      name: `rpmlib(${name})`,
      // Without the first bit, it would be a requirement that no package provides.
      flags: sense.RPMLIB | sense.LESS | sense.EQUAL,
      version,
    }));
}
