import { ApplianceError } from "../../../errors.ts";
import { renderNode } from "../../../recipe/index.ts";
import { openSiteRecipe, recipeArgument, recipeOptions } from "../../open-recipe.ts";
import { setOption } from "../../options/shared-options.ts";
import { defineCommand, type Command } from "../../command.ts";

/** Certificate names that Puppet accepts; they are lower case. */
const CERTNAME = /^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$/;

/** `recipe node NAME|DIR VM`: prints the Puppet node definition of a VM, or its Hiera data. */
export const command: Command = defineCommand({
  positionals: {
    ...recipeArgument,
    vm: {
      type: "string",
      demandOption: true,
      describe: "certificate name of the VM, usually its fully qualified host name",
    },
  },
  options: {
    set: setOption,
    ...recipeOptions,
    data: {
      type: "boolean",
      default: false,
      describe: "print the Hiera data in place of the node definition",
    },
  },
  examples: [
    ["virt-appliance recipe node web vm1.example.com", "for manifests/"],
    [
      "virt-appliance recipe node web vm1.example.com --data",
      "for data/nodes/vm1.example.com.yaml",
    ],
  ],
  run: async (args, cli) => {
    if (!CERTNAME.test(args.vm)) {
      throw new ApplianceError(
        "CLI_USAGE",
        `"${args.vm}" is not a valid certificate name, expected lower-case letters, digits and . _ -`,
      );
    }
    const { recipe, composed } = await openSiteRecipe(args, cli);
    const node = renderNode(
      { certname: args.vm, module: recipe.module.name, values: composed.values },
      { masked: !args.showSecrets },
    );
    if (args.json) cli.printJson({ certname: args.vm, masked: !args.showSecrets, ...node });
    else cli.print((args.data ? node.data : node.manifest).replace(/\n$/, ""));
  },
});
