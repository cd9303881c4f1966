import path from "node:path";
import { type CreateOperation, finishCreate } from "../finish-create.ts";
import type { CreatePlan } from "../plan-create.ts";
import type { HostPaths } from "../../access/paths.ts";
import type { HostStep } from "../../steps/host-steps.ts";
import { KICKSTART_NAME, installerArguments } from "./installer-arguments.ts";
import type { InstallerRequest, RecipeRequest } from "./recipe-request.ts";
import type { SiteRecipe } from "../../catalogue/site-recipe.ts";

/** Input for planning the installation of a VM. */
export interface ProvisionInput {
  readonly request: RecipeRequest;
  readonly site: SiteRecipe;
  /** Plan of the machine, without start and autostart. */
  readonly plan: CreatePlan;
  /** Domain printed by virt-install. */
  readonly printed: string;
  readonly installer: InstallerRequest;
  readonly kickstart: string;
  readonly uri: string | undefined;
  readonly paths: HostPaths;
}

/** Returns the folder of a VM's kickstart during its installation. */
function installFolder(paths: HostPaths, vm: string): string {
  return path.join(paths.stateDir, "installing", vm);
}

/**
 * Plans the installation of a VM: its disks, its domain, then the installer. If it is interrupted before the installer
 * has succeeded, everything is undone. The kickstart, which may contain secrets, exists only during the installation.
 */
export function planProvision(input: ProvisionInput): CreateOperation {
  const { request, site, plan, installer, paths } = input;
  const { vm } = request.machine;
  const made = finishCreate(plan, input.printed, {
    module: site.recipe.module.name,
    moduleVersion: site.recipe.module.metadata.version,
    puppet: request.puppet,
  });
  const folder = installFolder(paths, vm);
  const kickstart = path.join(folder, KICKSTART_NAME);
  const virtInstall = installerArguments({
    vm,
    uri: input.uri,
    arch: plan.boot.arch,
    isParavirtual: plan.boot.type === "xen",
    installer,
    kickstart,
    extraArguments: request.extraArguments,
  });
  const undoable: readonly HostStep[] = [
    ...made.steps,
    { kind: "make-private-folder", path: folder },
    {
      kind: "write-file",
      path: kickstart,
      base64: Buffer.from(input.kickstart, "utf8").toString("base64"),
    },
    { kind: "install-guest", vm, virtInstall, timeoutSeconds: request.timeoutSeconds },
  ];
  const rest: readonly HostStep[] = [
    { kind: "remove-file", path: folder },
    ...(request.machine.autostart
      ? [{ kind: "set-autostart" as const, vm, state: "on" as const }]
      : []),
  ];
  return { ...made, steps: [...undoable, ...rest], commitAfter: undoable.length };
}
