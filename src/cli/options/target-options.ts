import { ApplianceError } from "../../errors.ts";
import { keysOf } from "../../lib/keys-of.ts";
import { type TargetName, targets } from "../../sign/index.ts";

const names = keysOf(targets);

type ForOption = { readonly type: "string"; readonly describe: string };

/** Returns the option `--for` of a command. */
function forOptionOf(purpose: string, byDefault: string): ForOption {
  const describe = `${purpose}, separated by commas: ${names.join(", ")} (default: ${byDefault})`;
  return { type: "string", describe };
}

/** `--for` of commands that judge packages for systems. */
export const forOption: ForOption = forOptionOf(
  "systems that must be able to install the package",
  "none",
);

/** `--for` of `sign`, which judges the key only. */
export const keyForOption: ForOption = forOptionOf(
  "systems that must be able to use the key",
  "none",
);

/** `--for` of `keys list`, which only warns. */
export const warnForOption: ForOption = forOptionOf(
  "warn only of keys that these systems cannot use",
  "all",
);

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

type RepoOption = {
  readonly type: "string";
  readonly array: true;
  readonly nargs: 1;
  readonly describe: string;
};

/** `--repo` of commands that judge packages for systems. */
export const repoOption: RepoOption = {
  type: "string",
  array: true,
  // Without this, yargs would take the packages after the option as its values.
  nargs: 1,
  describe:
    "folder of a repository with the package's dependencies (default: they are not examined)",
};

/**
 * Returns the folders that `--repo` names.
 *
 * @throws ApplianceError `CLI_USAGE` if no system is chosen
 */
export function chosenRepositories(
  folders: readonly string[] | undefined,
  chosen: readonly TargetName[],
): readonly string[] {
  if (folders !== undefined && chosen.length === 0) {
    throw new ApplianceError("CLI_USAGE", "--repo: cannot be used without --for");
  }
  return folders ?? [];
}
