/** Installed appliances on a KVM host, and their VMs. */
export { adoptDomain, prepareAdopt } from "./adopt/adopt.ts";
export type { AdoptOperation, AdoptRequest } from "./adopt/plan-adopt.ts";
export type { Catalogue } from "./catalogue/catalogue.ts";
export type { BaseDisk, BaseFile, CatalogueEntry, EmptyDisk } from "./catalogue/catalogue-entry.ts";
export { createVm, prepareCreate, type PreparedCreate } from "./create/create.ts";
export type { CreateRequest } from "./create/create-request.ts";
export { waitForBoot, type SignOfLife } from "./create/wait-boot.ts";
export { destroyVm, prepareDestroy } from "./destroy/destroy.ts";
export type { DestroyOperation, DestroyRequest } from "./destroy/plan-destroy.ts";
export { growVm, prepareGrow } from "./grow/grow.ts";
export type { GrowOperation, GrowRequest } from "./grow/plan-grow.ts";
export { exportVm, prepareExport } from "./export/export.ts";
export type { ExportRequest } from "./export/export-request.ts";
export type { ExportOperation } from "./export/plan-export.ts";
export { collectGarbage, prepareGc, type GcRequest } from "./gc/gc.ts";
export type { GcPlan, KeptBase, UnusedBase } from "./gc/plan-gc.ts";
export {
  diagnose,
  diagnoseAndRepair,
  type Diagnosis,
  type DoctorRequest,
} from "./doctor/doctor.ts";
export type { Finding } from "./doctor/finding.ts";
export { installStaged, prepareInstall } from "./install/install.ts";
export { reconcile } from "./catalogue/reconcile.ts";
export { prepareUninstall, uninstall } from "./install/uninstall.ts";
export type { LeftBase, UninstallOperation } from "./install/uninstall.ts";
export type * from "./instance/instance.ts";
export type { HostPaths } from "./access/paths.ts";
export { findSource, type VmSource } from "./catalogue/find-source.ts";
export {
  prepareProvision,
  provisionVm,
  type PreparedProvision,
} from "./create/recipe/provision.ts";
export type { InstallerRequest, RecipeRequest } from "./create/recipe/recipe-request.ts";
export { openSiteRecipe, type SiteRecipe } from "./catalogue/site-recipe.ts";
export { findDescriptor } from "./show/find-descriptor.ts";
export { listAppliances, type ApplianceSummary } from "./show/list-appliances.ts";
export { listVms, type VmList, type VmSummary } from "./show/list-vms.ts";
export { showAppliance, type ApplianceDetails } from "./show/show-appliance.ts";
export { showRecipe, type RecipeDetails } from "./show/show-recipe.ts";
export { showVm, type VmDetails } from "./show/show-vm.ts";
export { acceptVm, prepareAccept } from "./update/accept.ts";
export type { AcceptOperation, RemovedFile } from "./update/plan-accept.ts";
export type { RollbackOperation, RollbackRequest } from "./update/plan-rollback.ts";
export type { UpdateOperation } from "./update/plan-update.ts";
export { prepareRollback, rollbackVm } from "./update/rollback.ts";
export { describeMatch } from "./update/match-disks.ts";
export { prepareUpdate, updateVm } from "./update/update.ts";
export { planUpdateAll, updateAll } from "./update/update-all.ts";
export type { UpdateAllRequest, UpdateOutcome, UpdatePreview } from "./update/update-all.ts";
export type { HealthCheck, Verification } from "./steps/health.ts";
export type { UpdateRequest } from "./update/update-request.ts";
export { describeOperation } from "./operation/describe-operation.ts";
export { recoverInterrupted } from "./operation/recover-interrupted.ts";
export {
  type HostOptions,
  type LocalHost as Host,
  openLocalHost as openHost,
} from "./access/local-host.ts";
