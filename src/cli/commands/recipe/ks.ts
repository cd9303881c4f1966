import {
  openSiteRecipe,
  valuesDocument,
  recipeArgument,
  recipeOptions,
} from "../../open-recipe.ts";
import { setOption } from "../../options/shared-options.ts";
import { defineCommand, type Command } from "../../command.ts";

/** `recipe ks NAME|DIR`: prints the composed kickstart. */
export const command: Command = defineCommand({
  positionals: { ...recipeArgument },
  options: { set: setOption, ...recipeOptions },
  examples: [
    [
      "virt-appliance recipe ks web --set greeting=Hello",
      "create adds the first boot, and poweroff if the kickstart does not end otherwise",
    ],
  ],
  run: async (args, cli) => {
    const { recipe, composed } = await openSiteRecipe(args, cli);
    const { text, maskedText, notes } = composed.kickstart;
    const kickstart = args.showSecrets ? text : maskedText;
    if (args.json) {
      cli.printJson({
        recipe: recipe.appliance.name,
        kickstart,
        masked: !args.showSecrets,
        parameters: valuesDocument(composed, { masked: !args.showSecrets }),
        notes,
        warnings: composed.problems,
      });
      return;
    }
    cli.print(kickstart.replace(/\n$/, ""));
  },
});
