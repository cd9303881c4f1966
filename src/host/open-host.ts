import path from "node:path";
import type { Context } from "../lib/context.ts";
import { type LocalHost, openLocalHost } from "./access/local-host.ts";
import { hostPaths } from "./access/paths.ts";
import type { PreparedCreate } from "./create/create.ts";
import type { PreparedProvision } from "./create/recipe/provision.ts";
import type { Host, HostPlans, HostQueries, VmCreation, VmInstallation } from "./host.ts";

// Each operation is loaded when it is first used: a program that lists VMs needs no other. All modules of an operation are
// loaded before it begins to work: an upgrade of the package in the meantime deletes them.

function creation({ operation, notes }: PreparedCreate): VmCreation {
  return { ...operation, notes };
}

function installation({ operation, notes, kickstart }: PreparedProvision): VmInstallation {
  return { ...operation, notes, kickstart };
}

function plansOf(host: LocalHost): HostPlans {
  return {
    create: async (request) =>
      creation(await import("./create/create.ts").then((m) => m.prepareCreate(host, request))),
    provision: async (request) =>
      installation(
        await import("./create/recipe/provision.ts").then((m) => m.prepareProvision(host, request)),
      ),
    update: async (vm, request = {}) =>
      (await import("./update/update.ts").then((m) => m.prepareUpdate(host, vm, request)))
        ?.operation,
    updateAll: (request = {}) =>
      import("./update/update-all.ts").then((m) => m.planUpdateAll(host, request)),
    rollback: (vm, request = {}) =>
      import("./update/rollback.ts").then((m) => m.prepareRollback(host, vm, request)),
    accept: (vm) => import("./update/accept.ts").then((m) => m.prepareAccept(host, vm)),
    destroy: (vm, request) =>
      import("./destroy/destroy.ts").then((m) => m.prepareDestroy(host, vm, request)),
    grow: (vm, disk, request) =>
      import("./grow/grow.ts").then((m) => m.prepareGrow(host, vm, { disk, request })),
    adopt: (vm, request = {}) =>
      import("./adopt/adopt.ts").then((m) => m.prepareAdopt(host, vm, request)),
    export: (vm, request) =>
      import("./export/export.ts").then((m) => m.prepareExport(host, vm, request)),
    install: (staged) => import("./install/install.ts").then((m) => m.prepareInstall(host, staged)),
    uninstall: (wanted) =>
      import("./install/uninstall.ts").then((m) => m.prepareUninstall(host, wanted)),
    collectGarbage: (request) => import("./gc/gc.ts").then((m) => m.prepareGc(host, request)),
  };
}

function queriesOf(host: LocalHost): HostQueries {
  const { paths } = host;
  return {
    listAppliances: () => import("./show/list-appliances.ts").then((m) => m.listAppliances(paths)),
    listVms: () => import("./show/list-vms.ts").then((m) => m.listVms(host)),
    showAppliance: (wanted) =>
      import("./show/show-appliance.ts").then((m) => m.showAppliance(host, wanted)),
    showRecipe: (wanted) => import("./show/show-recipe.ts").then((m) => m.showRecipe(host, wanted)),
    showVm: (vm) => import("./show/show-vm.ts").then((m) => m.showVm(host, vm)),
    findSource: (wanted) =>
      import("./catalogue/find-source.ts").then((m) => m.findSource(paths, wanted)),
    findDescriptor: (wanted) =>
      import("./show/find-descriptor.ts").then((m) => m.findDescriptor(paths, wanted)),
    missingParameters: async (recipe, layers) => {
      const { openSiteRecipe } = await import("./catalogue/site-recipe.ts");
      return (await openSiteRecipe(host, recipe, layers)).composed.missing;
    },
    waitForBoot: (vm, options) =>
      import("./create/wait-boot.ts").then((m) => m.waitForBoot(host, vm, options)),
    diagnose: (request = {}) => import("./doctor/doctor.ts").then((m) => m.diagnose(host, request)),
  };
}

/** Loads the query that commonly follows a creation, and waits for the VM that was just started. */
async function loadAfterCreation(): Promise<void> {
  await import("./create/wait-boot.ts");
}

/** Returns the public object of an open host. */
export function faceOf(host: LocalHost): Host {
  return {
    ...queriesOf(host),
    paths: host.paths,
    plan: plansOf(host),
    create: async (request) => {
      const { createVm } = await import("./create/create.ts");
      await loadAfterCreation();
      return creation(await createVm(host, request));
    },
    provision: async (request) => {
      const { provisionVm } = await import("./create/recipe/provision.ts");
      await loadAfterCreation();
      return installation(await provisionVm(host, request));
    },
    update: async (vm, request = {}) =>
      (await import("./update/update.ts").then((m) => m.updateVm(host, vm, request)))?.operation,
    updateAll: (request = {}) =>
      import("./update/update-all.ts").then((m) => m.updateAll(host, request)),
    rollback: (vm, request = {}) =>
      import("./update/rollback.ts").then((m) => m.rollbackVm(host, vm, request)),
    accept: (vm, options) =>
      import("./update/accept.ts").then((m) => m.acceptVm(host, vm, options)),
    destroy: (vm, request) =>
      import("./destroy/destroy.ts").then((m) => m.destroyVm(host, vm, request)),
    grow: (vm, disk, request) =>
      import("./grow/grow.ts").then((m) => m.growVm(host, vm, { disk, request })),
    adopt: (vm, request = {}) =>
      import("./adopt/adopt.ts").then((m) => m.adoptDomain(host, vm, request)),
    export: (vm, request) =>
      import("./export/export.ts").then((m) => m.exportVm(host, vm, request)),
    install: (staged) => import("./install/install.ts").then((m) => m.installStaged(host, staged)),
    uninstall: (wanted) => import("./install/uninstall.ts").then((m) => m.uninstall(host, wanted)),
    collectGarbage: (request) => import("./gc/gc.ts").then((m) => m.collectGarbage(host, request)),
    repair: async (request = {}) => {
      const { diagnoseAndRepair } = await import("./doctor/doctor.ts");
      const { adoptDomain } = await import("./adopt/adopt.ts");
      const updateRecord = (vm: string): Promise<unknown> => adoptDomain(host, vm, {});
      return await diagnoseAndRepair(host, request, { updateRecord });
    },
    recover: () =>
      import("./operation/recover-interrupted.ts").then((m) => m.recoverInterrupted(host)),
    reconcile: (options) =>
      import("./catalogue/reconcile.ts").then((m) => m.reconcile(host, options)),
  };
}

/** Options for opening a host. */
export interface HostOptions {
  /** Root folder of the host's files. Default: `/`. */
  readonly root?: string | undefined;
  /** Connection of libvirt. Default: that of `host.conf`, else `qemu:///system`. */
  readonly uri?: string | undefined;
}

/** Opens the host that this program runs on. Does not connect to libvirt, and changes nothing. */
export async function openHost(context: Context, options: HostOptions = {}): Promise<Host> {
  const { root = "/", uri } = options;
  // The journal names files absolutely, and another program may complete an operation.
  const paths = hostPaths(path.resolve(root));
  return faceOf(await openLocalHost(context, { paths, uri }));
}
