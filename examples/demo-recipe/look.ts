import { virtAppliance } from "../demo/installed-program.ts";
import { type RecipeProgram, setOptions } from "./recipe-program.ts";

/** Step 4: the composed kickstart and the node definition, before anything is made. */
export async function lookAtRecipe(program: RecipeProgram): Promise<void> {
  const set = setOptions(program);
  const { stdout } = await virtAppliance(program, ["recipe", "ks", "page", ...set]);
  if (!stdout.includes("rootpw --plaintext '********'"))
    throw new Error("recipe ks: no masked rootpw");
  const node = ["recipe", "node", "page", "vm1.example.com"];
  await virtAppliance(program, [...node, ...set]);
  await virtAppliance(program, [...node, "--data", ...set]);
}
