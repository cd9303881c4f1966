import { MASK } from "../compose/fill-parameters.ts";
import type { ResolvedParameter } from "../parameters/model.ts";
import { quoteHiera, quotePuppet } from "../parameters/quote.ts";

/** What a node is defined from. */
export interface NodeInput {
  /** Name under which the VM's certificate is known to the server. */
  readonly certname: string;
  readonly module: string;
  readonly values: readonly ResolvedParameter[];
}

/** A node for a Puppet server: code, and data. */
export interface NodeDefinition {
  readonly manifest: string;
  readonly data: string;
}

/**
 * Renders the definition of a node: a manifest that includes the module's class, and Hiera data for the environment's
 * layer with a key `MODULE::NAME` for each parameter. Values stand in the data alone, so that other layers can go before
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
