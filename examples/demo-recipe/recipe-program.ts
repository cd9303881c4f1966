import type { InstalledProgram } from "../demo/installed-program.ts";
import type { TreeServer } from "../installer-tree/index.ts";

/** The VM of this demo, and its greeting. */
export const VM = "vm1";
export const GREETING = "Servus";

/** A host with the package virt-appliance and the recipe, and a tree to install from. */
export interface RecipeProgram extends InstalledProgram {
  readonly tree: TreeServer;
}

/** Values that the site gives on the command line. */
export function setOptions({ tree }: RecipeProgram): readonly string[] {
  return ["--set", `mirror=${tree.guestUrl}`, "--set", `greeting=${GREETING}`];
}
