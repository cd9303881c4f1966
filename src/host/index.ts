/** Installed appliances on a KVM host, and their VMs. */
export { describeOperation } from "./operation/describe-operation.ts";
export { type HostOptions, openHost } from "./open-host.ts";
export { describeMatch } from "./update/match-disks.ts";
export type { HostPaths } from "./access/paths.ts";
export type * from "./host.ts";
export type { AdoptOperation, AdoptRequest } from "./adopt/plan-adopt.ts";
export type { VmSource } from "./catalogue/find-source.ts";
export type { CreateRequest } from "./create/create-request.ts";
export type { CreateOperation } from "./create/finish-create.ts";
export type { InstallerRequest, RecipeRequest } from "./create/recipe/recipe-request.ts";
export type { SignOfLife } from "./create/wait-boot.ts";
export type { DestroyOperation, DestroyRequest } from "./destroy/plan-destroy.ts";
export type { Diagnosis, DoctorRequest } from "./doctor/doctor.ts";
export type { Finding, Repair } from "./doctor/finding.ts";
export type { ExportRequest } from "./export/export-request.ts";
export type { ExportOperation } from "./export/plan-export.ts";
export type { GcRequest } from "./gc/gc.ts";
export type { GcPlan, KeptBase, UnusedBase } from "./gc/plan-gc.ts";
export type { GrowOperation, GrowRequest } from "./grow/plan-grow.ts";
export type { StagedPackage } from "./install/plan-install.ts";
export type { LeftBase, UninstallOperation } from "./install/uninstall.ts";
export type { DomainTexts } from "./instance/domain-texts.ts";
export type {
  BaseReference,
  DiskKind,
  Generation,
  Instance,
  InstanceDisk,
  InstanceFile,
  InstanceLayer,
  RecipeOrigin,
  Seed,
} from "./instance/instance.ts";
export type { ApplianceSummary } from "./show/list-appliances.ts";
export type { VmList, VmSummary } from "./show/list-vms.ts";
export type { MachineDetails } from "./show/machine-details.ts";
export type { ApplianceDetails } from "./show/show-appliance.ts";
export type { RecipeDetails, ShownParameter } from "./show/show-recipe.ts";
export type { VmDetails } from "./show/show-vm.ts";
export type { BaseStep, ConfirmUnusedStep, SetBaseAsideStep } from "./steps/base-steps.ts";
export type {
  CopyFileStep,
  DiskStep,
  MakeEmptyStep,
  MakeOverlayStep,
  RemoveFileStep,
  WriteFileStep,
} from "./steps/disk-steps.ts";
export type {
  DefineDomainStep,
  DomainStep,
  SetAutostartStep,
  StartDomainStep,
  StopDomainStep,
  UndefineDomainStep,
} from "./steps/domain-steps.ts";
export type { ExportStep, FlattenDiskStep, MoveFolderStep } from "./steps/export-steps.ts";
export type { GrowDiskStep, GuestStep, ShutDownStep } from "./steps/guest-steps.ts";
export type { HealthCheck, Verification, VerifyStep } from "./steps/health.ts";
export type { HostOperation, HostStep } from "./steps/host-steps.ts";
export type {
  InstallStep,
  MakeFolderStep,
  PlaceFileStep,
  RemoveEmptyFolderStep,
  SetAsideStep,
} from "./steps/install-steps.ts";
export type { MakePrivateFolderStep, ProvisionStep } from "./steps/provision-steps.ts";
export type { InstallGuestStep } from "./steps/run-installer.ts";
export type { DiskMatch, MatchedBy } from "./update/match-disks.ts";
export type { AcceptOperation, RemovedFile } from "./update/plan-accept.ts";
export type { RollbackOperation, RollbackRequest } from "./update/plan-rollback.ts";
export type { UpdateOperation } from "./update/plan-update.ts";
export type { UpdateAllRequest, UpdateOutcome, UpdatePreview } from "./update/update-all.ts";
export type { UpdateRequest } from "./update/update-request.ts";
export type { WatchedBase } from "./uses/image-walk.ts";
