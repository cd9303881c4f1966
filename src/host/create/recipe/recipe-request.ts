import type { ParameterLayer } from "../../../recipe/index.ts";
import type { CreateRequest } from "../create-request.ts";

/** Source of a new VM's installer. */
export type InstallerRequest =
  /** A tree: a URL, a folder or an ISO image. */
  | { readonly kind: "tree"; readonly location: string }
  | { readonly kind: "kernel"; readonly kernel: string; readonly initrd: string };

/** Options of `create` for a recipe. */
export interface RecipeRequest {
  /** Name of an installed recipe, with or without version. */
  readonly recipe: string;
  /** The machine; `parameters` and `system` are not used for recipes. */
  readonly machine: CreateRequest;
  /** Values of parameters, which override the site's. */
  readonly layers?: readonly ParameterLayer[] | undefined;
  /** Default: the kickstart's `url`. */
  readonly installer?: InstallerRequest | undefined;
  /** Further arguments for the installer's kernel. */
  readonly extraArguments?: string | undefined;
  /** Maximum time for the installation. */
  readonly timeoutSeconds: number;
  /** Whether the site's Puppet server or the VM itself applies the configuration. */
  readonly puppet: "server" | "masterless";
}
