import type { ParameterLayer } from "../../recipe/index.ts";
import type { CreateRequest } from "../create/create-request.ts";

/** Where the installer of a new VM comes from. */
export type InstallerRequest =
  /** A tree: an address, a folder, or an ISO image. */
  | { readonly kind: "tree"; readonly location: string }
  | { readonly kind: "kernel"; readonly kernel: string; readonly initrd: string };

/** What an administrator asks of `create` for a recipe. */
export interface RecipeRequest {
  /** Name of an installed recipe, with or without version. */
  readonly recipe: string;
  /** The machine; its `parameters` and `system` are not a recipe's. */
  readonly machine: CreateRequest;
  /** Values of parameters that go before the site's. */
  readonly layers: readonly ParameterLayer[];
  /** What the kickstart's `url` says unless told. */
  readonly installer: InstallerRequest | undefined;
  /** Further arguments for the installer's kernel. */
  readonly extraArguments: string | undefined;
  /** How long the installation may take. */
  readonly timeoutSeconds: number;
  /** Whether the site's Puppet server or the VM itself applies the configuration. */
  readonly puppet: "server" | "masterless";
}
