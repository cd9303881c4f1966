import { ApplianceError } from "../../errors.ts";
import type { InstallerRequest, RecipeRequest } from "../../host/index.ts";
import type { ParameterLayer } from "../../recipe/index.ts";
import { type CreateArguments, createRequestOf } from "./create-options.ts";

/** Default limit of an installation in minutes. */
const DEFAULT_INSTALL_MINUTES = 60;

const MAX_MINUTES = 7 * 24 * 60;

/** Arguments of `create` that apply only to recipes, as parsed by yargs. */
export interface RecipeCreateArguments {
  readonly location: string | undefined;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly extraArgs: string | undefined;
  readonly installTimeout: number | undefined;
  readonly masterless: boolean;
}

/** Options of `create` that apply only to recipes. */
export const recipeCreateOptions = {
  location: {
    type: "string",
    requiresArg: true,
    describe:
      "recipes: installer tree in virt-install's syntax (default: the tree in the kickstart)",
  },
  kernel: {
    type: "string",
    requiresArg: true,
    describe: "recipes: kernel of the installer (default: that of the tree)",
  },
  initrd: {
    type: "string",
    requiresArg: true,
    describe: "recipes: initial RAM disk of the installer (default: that of the tree)",
  },
  "extra-args": {
    type: "string",
    requiresArg: true,
    describe: "recipes: more arguments for the installer's kernel (default: none)",
  },
  "install-timeout": {
    type: "number",
    requiresArg: true,
    describe:
      `recipes: longest time for the installation, in minutes (default: ${DEFAULT_INSTALL_MINUTES})` as string,
  },
  masterless: {
    type: "boolean",
    default: false,
    describe: "recipes: let the VM configure itself without a Puppet server",
  },
} as const;

function usage(message: string): ApplianceError {
  return new ApplianceError("CLI_USAGE", message);
}

/** Refuses options that apply only to recipes. */
export function refuseRecipeOptions(args: RecipeCreateArguments, name: string): void {
  const given = [
    ...(args.location === undefined ? [] : ["--location"]),
    ...(args.kernel === undefined ? [] : ["--kernel"]),
    ...(args.initrd === undefined ? [] : ["--initrd"]),
    ...(args.extraArgs === undefined ? [] : ["--extra-args"]),
    ...(args.installTimeout === undefined ? [] : ["--install-timeout"]),
    ...(args.masterless ? ["--masterless"] : []),
  ];
  if (given.length > 0)
    throw usage(`${given.join(", ")}: only for recipes, but ${name} is an image`);
}

function installerOf(args: RecipeCreateArguments): InstallerRequest | undefined {
  const { location, kernel, initrd } = args;
  if (location !== undefined) {
    if (kernel !== undefined || initrd !== undefined)
      throw usage("--location: cannot be used with --kernel and --initrd");
    return { kind: "tree", location };
  }
  if (kernel === undefined && initrd === undefined) return undefined;
  if (kernel === undefined || initrd === undefined)
    throw usage("--kernel, --initrd: must be used together");
  return { kind: "kernel", kernel, initrd };
}

/** Returns the request of `create` for a recipe from the command line. */
export function recipeRequestOf(
  args: CreateArguments & RecipeCreateArguments,
  layers: readonly ParameterLayer[],
): RecipeRequest {
  const minutes = args.installTimeout ?? DEFAULT_INSTALL_MINUTES;
  if (!(minutes > 0 && minutes <= MAX_MINUTES))
    throw usage(`--install-timeout: expected a number of minutes, at most ${MAX_MINUTES}`);
  if (args.copy) throw usage("--copy: not for recipes, which have no disk images");
  return {
    recipe: args.name,
    machine: createRequestOf({ ...args, set: [] }),
    layers,
    installer: installerOf(args),
    extraArguments: args.extraArgs,
    timeoutSeconds: minutes * 60,
    puppet: args.masterless ? "masterless" : "server",
  };
}
