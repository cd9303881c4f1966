import { escapeControls, ApplianceError } from "../../../errors.ts";
import { refuseRecipeErrors, renderRecipeProblem } from "../../../recipe/index.ts";
import type { Appliance } from "../../../appliance/index.ts";
import type { InstalledRecipe } from "../../../site/index.ts";
import type { CatalogueEntry } from "../../catalogue/catalogue-entry.ts";
import { readMachineState, type CreateState } from "../create-state.ts";
import type { CreateOperation } from "../finish-create.ts";
import { type CreatePlan, planCreate } from "../plan-create.ts";
import { printDomain } from "../print-domain.ts";
import { refreshPools } from "../../access/refresh-pools.ts";
import { applyOperation } from "../../operation/apply-operation.ts";
import { beginOnVm } from "../../operation/begin-on-vm.ts";
import type { LocalHost } from "../../access/local-host.ts";
import { consoleLogFile, consoleLogFiles } from "../../access/paths.ts";
import { checkExposure } from "./check-exposure.ts";
import { checkInstaller, chooseInstaller, installerReasons } from "./check-installer.ts";
import { planProvision } from "./plan-provision.ts";
import type { RecipeRequest } from "./recipe-request.ts";
import { openSiteRecipe } from "../../catalogue/site-recipe.ts";
import { makeVmKickstart } from "./vm-kickstart.ts";

/** A planned or finished installation of a VM from a recipe. */
export interface PreparedProvision {
  readonly operation: CreateOperation;
  /** The kickstart with masked secrets. */
  readonly kickstart: string;
  readonly state: CreateState;
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

/** Generic Linux, for systems that the host's osinfo-db does not have. */
const ANY_LINUX = "http://libosinfo.org/linux/2020";

/** Returns a catalogue entry with the same disks, all of them empty. */
function entryOf(recipe: InstalledRecipe, appliance: Appliance): CatalogueEntry {
  const { directory, name, version, release, label } = recipe;
  return {
    directory,
    name,
    package: recipe.package,
    version,
    release,
    label,
    arch: "noarch",
    payloadDir: directory,
    osinfoIds: [],
    bases: [],
    empty: appliance.disks.map(({ id, role, sizeBytes }) => ({
      disk: id,
      role,
      virtualSizeBytes: sizeBytes,
    })),
    kernel: undefined,
    initrd: undefined,
  };
}

/** Plans the machine and prints it with virt-install, with the closest operating system that virt-install supports. */
async function printMachine(
  host: LocalHost,
  state: CreateState,
  request: RecipeRequest,
): Promise<{ readonly plan: CreatePlan; readonly printed: string }> {
  const machine = { ...request.machine, parameters: {}, start: false, autostart: false };
  const systems = [state.appliance.osinfo, ANY_LINUX, undefined];
  for (const osinfo of systems.slice(state.appliance.osinfo === undefined ? 1 : 0)) {
    const plan = planCreate({ ...state, osinfo }, machine, { paths: host.paths, uri: host.uri });
    try {
      return { plan, printed: await printDomain(plan.virtInstall, host) };
    } catch (error) {
      const isUnknown =
        error instanceof ApplianceError &&
        error.details.some((line) => /unknown (?:libosinfo id|os name)/i.test(line));
      if (!isUnknown || osinfo === undefined) throw error;
    }
  }
  throw new TypeError("the last system is undefined, so it is not looked up");
}

/**
 * Returns the operation that installs a VM from a recipe. Changes nothing. Checks that the installation tree can be
 * reached.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it; `RECIPE_UNKNOWN`, `RECIPE_INVALID` with all that
 *   is wrong or missing; `HOST_SECRETS_EXPOSED`, `HOST_TREE_UNREACHABLE`
 */
export async function prepareProvision(
  host: LocalHost,
  request: RecipeRequest,
): Promise<PreparedProvision> {
  const site = await openSiteRecipe(host, request.recipe, request.layers ?? []);
  const { entry, recipe, composed } = site;
  const warnings = refuseRecipeErrors(composed.problems, entry.package);
  await checkExposure(site, host.paths.settingsDir, host.context);
  const kickstart = await makeVmKickstart(site, request);
  const installer = chooseInstaller(request.installer, kickstart.needs);
  const appliance = { ...recipe.appliance, parameters: [] };
  const state = await readMachineState(
    { entry: entryOf(entry, appliance), appliance, request: request.machine },
    host,
  );
  const reasons = [
    ...installerReasons(installer),
    ...kickstart.reasons,
    ...(kickstart.needs.end === "halt"
      ? ["kickstart: halt leaves the machine powered on; use poweroff or reboot"]
      : []),
  ];
  const { plan, printed } = await printMachine(host, { ...state, reasons }, request);
  if (installer === undefined) throw new TypeError("a plan without an installer is refused");
  await checkInstaller(installer, host.context.signal);
  const { uri, paths } = host;
  return {
    operation: planProvision({
      request,
      site,
      plan,
      printed,
      installer,
      kickstart: kickstart.text,
      uri,
      paths,
    }),
    kickstart: kickstart.maskedText,
    state,
    notes: [
      ...warnings.map((each) => escapeControls(renderRecipeProblem(each))),
      ...composed.kickstart.notes.map(escapeControls),
      ...site.moduleClashes,
      ...plan.notes,
    ],
  };
}

/**
 * Installs a VM from a recipe and starts it. If the installation fails, times out or is interrupted, the VM is removed.
 * After a successful installation the VM is kept, even if it cannot be started.
 *
 * @throws ApplianceError as {@link prepareProvision}; `HOST_INSTALL_FAILED`; errors of libvirt, virt-install and
 *   qemu-img
 */
export async function provisionVm(
  host: LocalHost,
  request: RecipeRequest,
): Promise<PreparedProvision> {
  const { vm, start = true } = request.machine;
  await using _lock = await beginOnVm(host, vm, "create");
  const prepared = await prepareProvision(host, request);
  for (const note of prepared.notes) host.context.logger.warn(note);
  try {
    await applyOperation(host, prepared.operation);
  } catch (error) {
    // The user who interrupts it knows why, so the log is not shown.
    if (error instanceof ApplianceError && error.code === "LIB_INTERRUPTED")
      for (const log of consoleLogFiles(consoleLogFile(host.paths, vm)))
        await host.uninterruptible.effects.remove(log);
    throw error;
  }
  const { folder, pools } = prepared.state;
  await refreshPools(host, folder === undefined ? [] : [folder.path], pools);
  if (start) await host.libvirt.startDomain(vm);
  return prepared;
}
