import { ApplianceError } from "../../../errors.ts";
import { formatSize } from "../../../lib/format-size.ts";
import { readPlainFile } from "../../../lib/plain-file.ts";
import {
  type InstallerNeeds,
  type ModuleContent,
  type PuppetRun,
  readInstallerNeeds,
  renderFirstBoot,
} from "../../../recipe/index.ts";
import type { RecipeRequest } from "./recipe-request.ts";
import type { SiteRecipe } from "../../catalogue/site-recipe.ts";

/** Maximum size of a module in a kickstart. */
const MAX_MODULE_BYTES = 1024 * 1024;

/** Parameter, or site-wide value, with the Puppet server. */
const SERVER = "puppet_server";

/** A host name or address, not an option. */
const HOST = /^[A-Za-z0-9:][A-Za-z0-9._:-]{0,254}$/;

/** The kickstart of one VM. */
export interface VmKickstart {
  readonly text: string;
  /** The same with masked secrets. */
  readonly maskedText: string;
  readonly needs: InstallerNeeds;
  /** Why the VM could not be configured as requested, one sentence each. */
  readonly reasons: readonly string[];
}

async function readModule({ recipe }: SiteRecipe): Promise<readonly ModuleContent[]> {
  const prefix = `puppet/${recipe.module.name}/`;
  const files: ModuleContent[] = [];
  let bytes = 0;
  for (const { path, absolutePath, isExecutable } of recipe.module.files) {
    const content = await readPlainFile(absolutePath);
    bytes += content.length;
    if (bytes > MAX_MODULE_BYTES) {
      throw new ApplianceError(
        "LIB_LIMIT_EXCEEDED",
        `module ${recipe.module.name}: larger than ${formatSize(MAX_MODULE_BYTES)}, the most that a kickstart can carry`,
        { hint: "serve it from a Puppet server, without --masterless" },
      );
    }
    files.push({ path: path.slice(prefix.length), content, isExecutable });
  }
  return files;
}

/** Returns the site's Puppet server: a parameter of the recipe, otherwise the last site-wide value. */
function serverOf({ composed, answers }: SiteRecipe): string | undefined {
  const own = composed.values.find(({ parameter }) => parameter.name === SERVER);
  const shared = answers.layers.findLast((layer) => layer.values.has(SERVER))?.values.get(SERVER);
  const server = own?.value ?? shared?.value;
  return server === undefined ? undefined : String(server);
}

/** Returns the modules that a VM without a server would lack, one sentence each. */
function missingModules({ recipe }: SiteRecipe): readonly string[] {
  const { name, metadata } = recipe.module;
  return metadata.dependencies
    .filter(({ module }) => module !== name)
    .map(
      (needed) =>
        `module ${name}: needs ${needed.name}, which is not in the recipe; serve both from a Puppet server, without --masterless`,
    );
}

/**
 * Returns the kickstart of a VM: the composed kickstart of recipe and site, followed by the preparation of the first
 * boot, with `poweroff` if it does not end otherwise.
 *
 * @throws ApplianceError `LIB_LIMIT_EXCEEDED` if the module is too large
 */
export async function makeVmKickstart(
  site: SiteRecipe,
  request: Pick<RecipeRequest, "machine" | "puppet">,
): Promise<VmKickstart> {
  const { entry, recipe, composed } = site;
  const server = request.puppet === "server" ? serverOf(site) : undefined;
  const isNamed = server === undefined || HOST.test(server);
  const run: PuppetRun =
    request.puppet === "masterless"
      ? { kind: "apply" }
      : { kind: "agent", server: isNamed ? server : undefined };
  const input = {
    vm: request.machine.vm,
    recipe: `${entry.name}-${entry.version}-${entry.release}`,
    module: recipe.module.name,
    values: composed.values,
    run,
    files: run.kind === "apply" ? await readModule(site) : [],
  };
  const needs = readInstallerNeeds(composed.kickstart.text);
  const head = needs.end === undefined ? "# -- virt-appliance\npoweroff\n" : "";
  const { text, maskedText } = composed.kickstart;
  return {
    text: head + text + renderFirstBoot(input, { masked: false }),
    maskedText: head + maskedText + renderFirstBoot(input, { masked: true }),
    needs,
    reasons: [
      ...(isNamed ? [] : [`${SERVER}: its value is not a host name`]),
      ...(run.kind === "apply" ? missingModules(site) : []),
    ],
  };
}
