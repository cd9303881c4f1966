import type { Context } from "../lib/context.ts";
import type { PackagePlan } from "../package/index.ts";
import type { BuildFolders, BuiltRpm, EngineChoice } from "./engine.ts";
import { rpmEngines } from "./engines.ts";
import { refuseBadSpace } from "./signature-space.ts";
import { refuseBadPlan } from "./validate/plan.ts";

/**
 * Refuses early what would make every build with an engine fail; the default engine needs nothing.
 *
 * @throws ApplianceError `LIB_EXEC_MISSING`, `RPM_BAD_TEMPLATE`, `LIB_UNSAFE_PATH`
 */
export async function checkEngine(
  choice: EngineChoice = {},
  outputFolder: string,
  context: Context,
): Promise<void> {
  refuseBadSpace(choice.signatureSpace);
  await rpmEngines[choice.engine ?? "native"].check({ choice, outputFolder }, context);
}

/**
 * Builds a planned package, unsigned, with space reserved for signatures.
 *
 * @param folders  its `engine` writes the package (default: the native one)
 * @returns its path. The package appears there when it is complete, and replaces one of the same name
 * @throws ApplianceError `RPM_BAD_PLAN` with everything that an RPM, or a spec, cannot express; `RPM_INPUT_CHANGED` if a
 *   staged file changes during the build; `RPM_BAD_TEMPLATE`, `RPM_RPMBUILD` of the engine `rpmbuild`; `LIB_NO_SPACE`,
 *   `LIB_IO`, `LIB_INTERRUPTED`, `LIB_EXEC_MISSING`
 */
export async function buildRpm(
  plan: PackagePlan,
  folders: BuildFolders & EngineChoice,
  context: Context,
): Promise<BuiltRpm> {
  refuseBadPlan(plan);
  refuseBadSpace(folders.signatureSpace);
  const engine = rpmEngines[folders.engine ?? "native"];
  return await engine.build(plan, { folders, choice: folders }, context);
}
