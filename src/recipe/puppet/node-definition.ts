import { MASK } from "../compose/fill-parameters.ts";
import type { ResolvedParameter } from "../parameters/model.ts";
import { quoteHiera, quotePuppet } from "../parameters/quote.ts";

/** Input for the definition of a node. */
export interface NodeInput {
  /** Name of the VM's certificate on the Puppet server. */
  readonly certname: string;
  readonly module: string;
  readonly values: readonly ResolvedParameter[];
}

/** The definition of a node for a Puppet server: a manifest and Hiera data. */
export interface NodeDefinition {
  readonly manifest: string;
  readonly data: string;
}

/**
 * Renders the definition of a node: a manifest that includes the module's class, and Hiera data for the environment
 * layer with a key `MODULE::NAME` for each parameter. Values are only in the data, so that other layers can override
 * them and a site profile can inherit from the class.
 *
 * @param options.masked  whether secrets are hidden
 */
export function renderNode(
  input: NodeInput,
  options: { readonly masked: boolean },
): NodeDefinition {
  const { certname, module, values } = input;
  const lines = values.map(({ parameter, value, origin }) => {
    const shown = parameter.secret && options.masked ? MASK : value;
    return `# ${origin.replaceAll(/[^ -~]/g, "?")}\n${module}::${parameter.name}: ${quoteHiera(shown)}\n`;
  });
  return {
    manifest: `node ${quotePuppet(certname)} {\n  include ${module}\n}\n`,
    data: `---\n${lines.join("")}`,
  };
}
