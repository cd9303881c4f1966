import { digestFile } from "../../lib/bytes/digest.ts";
import type { PackagePlan } from "../../package/index.ts";
import { measureStaged } from "./staged-file.ts";
import { quotedPaths, type StagedFacts } from "./template.ts";

/**
 * Measures the staged files that templates of a plan quote: size and SHA-256. Reads each of them once.
 *
 * @returns the facts by absolute path in the package
 * @throws ApplianceError `LIB_IO`, `LIB_UNSAFE_PATH`, `LIB_INTERRUPTED`
 */
export async function measureQuoted(
  plan: PackagePlan,
  stagingFolder: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StagedFacts>> {
  const quoted = new Set(
    plan.entries.flatMap((entry) =>
      entry.kind === "file" && entry.source.kind === "template"
        ? quotedPaths(entry.source.text)
        : [],
    ),
  );
  const facts = new Map<string, StagedFacts>();
  for (const [packaged, { absolutePath, sizeBytes }] of await measureStaged(plan, stagingFolder)) {
    if (!quoted.has(packaged)) continue;
    facts.set(packaged, { sizeBytes, sha256: await digestFile(absolutePath, { signal }) });
  }
  return facts;
}
