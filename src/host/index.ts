/** Appliances on a KVM host: what is installed, and the VMs made from it. */
export { findEntry, readAppliance, readCatalogue, type Catalogue } from "./catalogue.ts";
export type { BaseDisk, BaseFile, CatalogueEntry, EmptyDisk } from "./catalogue-entry.ts";
export { createVm, prepareCreate, type PreparedCreate } from "./create/create.ts";
export type { CreateWish } from "./create/create-wish.ts";
export { waitForBoot, type SignOfLife } from "./create/wait-boot.ts";
export { destroyVm, prepareDestroy } from "./destroy/destroy.ts";
export type { DestroyOperation, DestroyWish } from "./destroy/plan-destroy.ts";
export { describeOperation, openHost, recoverInterrupted } from "./host.ts";
export type { Host, HostOptions } from "./host.ts";
export { installStaged, prepareInstall, reconcile } from "./install/install.ts";
export type * from "./instance.ts";
export { hostPaths, type HostPaths } from "./paths.ts";
export { listAppliances, type ApplianceSummary } from "./show/list-appliances.ts";
export { listVms, type VmList, type VmSummary } from "./show/list-vms.ts";
export { showAppliance, type ApplianceDetails } from "./show/show-appliance.ts";
export { showVm, type VmDetails } from "./show/show-vm.ts";
