import { ApplianceError } from "../../errors.ts";
import { keysOf } from "../../lib/keys-of.ts";
import { type TargetName, targets } from "../../sign/index.ts";

const names = keysOf(targets);

/** `--for` of commands that judge packages for systems. */
export const forOption: { readonly type: "string"; readonly describe: string } = {
  type: "string",
  describe: `systems that must be able to install the package, separated by commas: ${names.join(", ")} (default: none)`,
};

/**
 * Returns the systems that `--for` names, each once.
 *
 * @throws ApplianceError `CLI_USAGE` with every unknown name
 */
export function chosenTargets(text: string | undefined): readonly TargetName[] {
  if (text === undefined) return [];
  const words = [...new Set(text.split(",").map((word) => word.trim()))];
  const unknown = words.filter((word) => !names.some((name) => name === word));
  if (unknown.length > 0) {
    throw new ApplianceError(
      "CLI_USAGE",
      `--for: ${unknown.map((word) => `"${word}"`).join(", ")}, expected some of ${names.join(", ")}`,
    );
  }
  return names.filter((name) => words.includes(name));
}
