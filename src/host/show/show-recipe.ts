import { escapeControls } from "../../errors.ts";
import { readInstallerNeeds, renderRecipeProblem } from "../../recipe/index.ts";
import { openSiteRecipe } from "../catalogue/site-recipe.ts";
import type { HostAccess } from "../access/host-access.ts";
import { type MachineDetails, machineDetailsOf } from "./machine-details.ts";

/** A parameter of a recipe, with its effective value. */
export interface ShownParameter {
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
  readonly required: boolean;
  readonly secret: boolean;
  /** Null if there is none, and for a secret. */
  readonly value: string | number | boolean | null;
  /** Origin of the value: a file, or `default`; null if there is none. */
  readonly origin: string | null;
}

/** An installed recipe at this site; the form of `show --json` for recipes, to which fields are only added. */
export interface RecipeDetails extends MachineDetails {
  readonly kind: "recipe";
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly release: string;
  readonly label: string;
  readonly disks: readonly {
    readonly id: string;
    readonly role: string;
    readonly sizeBytes: number | null;
  }[];
  readonly module: { readonly name: string; readonly version: string };
  /** Installation tree in the kickstart, without credentials; null if it has none. */
  readonly tree: string | null;
  /** Parameters for `create --set`. */
  readonly parameters: readonly ShownParameter[];
  /** Why VMs cannot be created from it at this site, including missing required parameters. */
  readonly problems: readonly string[];
}

/**
 * Returns an installed recipe with the site's values of its parameters.
 *
 * @throws ApplianceError `RECIPE_UNKNOWN`, `RECIPE_INVALID` if the recipe or a file of the site cannot be read
 */
export async function showRecipe(
  host: Pick<HostAccess, "paths" | "context">,
  wanted: string,
): Promise<RecipeDetails> {
  const { entry, recipe, composed } = await openSiteRecipe(host, wanted, []);
  const { appliance, module } = recipe;
  const { name, version, release, label } = entry;
  const parameters = recipe.parameters.map((parameter): ShownParameter => {
    const found = composed.values.find((each) => each.parameter === parameter);
    const { type, description, required, secret } = parameter;
    return {
      name: parameter.name,
      type,
      description: description?.trim() ?? null,
      required,
      secret,
      value: found === undefined || secret ? null : found.value,
      origin: found?.origin ?? null,
    };
  });
  return {
    kind: "recipe",
    name,
    package: entry.package,
    version,
    release,
    label,
    ...machineDetailsOf(appliance),
    disks: appliance.disks.map(({ id, role, sizeBytes }) => ({
      id,
      role,
      sizeBytes: sizeBytes ?? null,
    })),
    module: { name: module.name, version: module.metadata.version },
    tree: readInstallerNeeds(composed.kickstart.maskedText).tree ?? null,
    parameters,
    problems: composed.problems
      .filter(({ severity }) => severity === "error")
      .map((problem) => escapeControls(renderRecipeProblem(problem))),
  };
}
