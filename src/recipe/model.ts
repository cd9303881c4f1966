import type { Appliance } from "../appliance/index.ts";
import type { Kickstart } from "./kickstart/model.ts";
import type { RecipeParameter } from "./parameters/model.ts";
import type { ModuleMetadata } from "./puppet/module-metadata.ts";

/** A file of a recipe. */
export interface RecipeFile {
  /** Relative to the recipe's folder. */
  readonly path: string;
  readonly absolutePath: string;
  readonly isExecutable: boolean;
}

/** The Puppet module of a recipe. */
export interface RecipeModule {
  /** Name of the module's folder and main class, and prefix of its data keys. */
  readonly name: string;
  readonly metadata: ModuleMetadata;
  /** Every file, with paths relative to the recipe's folder: `puppet/MODULE/…`. */
  readonly files: readonly RecipeFile[];
}

/** A recipe: the descriptor of a machine without disk images, with the files that install and configure it. */
export interface Recipe {
  readonly appliance: Appliance;
  /** Partial kickstart, with the builder's commands only. */
  readonly kickstart: Kickstart;
  readonly kickstartFile: RecipeFile;
  readonly parameters: readonly RecipeParameter[];
  readonly parametersFile: RecipeFile | undefined;
  readonly module: RecipeModule;
  readonly scripts: readonly RecipeFile[];
  readonly documentation: readonly RecipeFile[];
}
