import type { ParameterLayer, RecipeParameter } from "../recipe/index.ts";
import type { HostPaths } from "./access/paths.ts";
import type { AdoptOperation, AdoptRequest } from "./adopt/plan-adopt.ts";
import type { VmSource } from "./catalogue/find-source.ts";
import type { CreateRequest } from "./create/create-request.ts";
import type { CreateOperation } from "./create/finish-create.ts";
import type { RecipeRequest } from "./create/recipe/recipe-request.ts";
import type { SignOfLife } from "./create/wait-boot.ts";
import type { DestroyOperation, DestroyRequest } from "./destroy/plan-destroy.ts";
import type { Diagnosis, DoctorRequest } from "./doctor/doctor.ts";
import type { Finding } from "./doctor/finding.ts";
import type { ExportRequest } from "./export/export-request.ts";
import type { ExportOperation } from "./export/plan-export.ts";
import type { GcRequest } from "./gc/gc.ts";
import type { GcPlan } from "./gc/plan-gc.ts";
import type { GrowOperation, GrowRequest } from "./grow/plan-grow.ts";
import type { StagedPackage } from "./install/plan-install.ts";
import type { UninstallOperation } from "./install/uninstall.ts";
import type { ApplianceSummary } from "./show/list-appliances.ts";
import type { VmList } from "./show/list-vms.ts";
import type { ApplianceDetails } from "./show/show-appliance.ts";
import type { RecipeDetails } from "./show/show-recipe.ts";
import type { VmDetails } from "./show/show-vm.ts";
import type { HostOperation } from "./steps/host-steps.ts";
import type { AcceptOperation } from "./update/plan-accept.ts";
import type { RollbackOperation, RollbackRequest } from "./update/plan-rollback.ts";
import type { UpdateOperation } from "./update/plan-update.ts";
import type { UpdateAllRequest, UpdateOutcome, UpdatePreview } from "./update/update-all.ts";
import type { UpdateRequest } from "./update/update-request.ts";

/** A planned or created VM. */
export interface VmCreation extends CreateOperation {
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

/** A planned or finished installation of a VM from a recipe. */
export interface VmInstallation extends VmCreation {
  /** The kickstart with masked secrets. */
  readonly kickstart: string;
}

/**
 * The changes of a host. Each is done completely or not at all, and throws an ApplianceError `HOST_REFUSED` with every
 * reason against it.
 */
export interface HostOperations {
  /** Creates a VM from an installed appliance. */
  create(request: CreateRequest): Promise<VmCreation>;
  /** Installs a VM from an installed recipe. */
  provision(request: RecipeRequest): Promise<VmInstallation>;
  /**
   * Updates a VM to another version of its appliance. A VM that fails its check is rolled back.
   *
   * @returns undefined if no version was named and none is installed that is newer than the VM's
   */
  update(vm: string, request?: UpdateRequest): Promise<UpdateOperation | undefined>;
  /** Rolls a VM back to the version before its update. */
  rollback(vm: string, request?: RollbackRequest): Promise<RollbackOperation>;
  /** Accepts the update of a VM: deletes its rollback disks. */
  accept(vm: string): Promise<AcceptOperation>;
  /** Deletes a VM. */
  destroy(vm: string, request: DestroyRequest): Promise<DestroyOperation>;
  /** Enlarges a disk of a VM, given by id or device name. */
  grow(vm: string, disk: string, request: GrowRequest): Promise<GrowOperation>;
  /** Makes a domain a VM of its appliance, or updates the record of such a VM to its domain. */
  adopt(vm: string, request?: AdoptRequest): Promise<AdoptOperation>;
  /** Writes a VM into a folder that `build` can package. */
  export(vm: string, request: ExportRequest): Promise<ExportOperation>;
  /** Deletes the bases that nothing uses. */
  collectGarbage(request: GcRequest): Promise<GcPlan>;
}

/** What each operation would do. Nothing is changed. */
export interface HostPlans extends HostOperations {
  /** One preview for each matching VM, by name. */
  updateAll(request?: UpdateAllRequest): Promise<readonly UpdatePreview[]>;
  /** Installs an appliance without a package. */
  install(staged: StagedPackage): Promise<HostOperation>;
  /** Removes an appliance that `install` added. */
  uninstall(wanted: string): Promise<UninstallOperation>;
}

/** Receives a plan before anything is changed. */
export interface PlanListener<Plan> {
  readonly onPlan?: (plan: Plan) => void;
}

/** An operation after which `reconcile` ran; `complete` if that found no problems. */
export type Reconciled<Operation> = Operation & { readonly complete: boolean };

/** What can be asked of a host. Nothing is changed but records of bases, and no lock is taken. */
export interface HostQueries {
  /** Lists installed images, then recipes. */
  listAppliances(): Promise<{
    readonly appliances: readonly ApplianceSummary[];
    readonly problems: readonly string[];
  }>;
  /** Lists the VMs that were created from appliances. */
  listVms(): Promise<VmList>;
  /** Shows an installed image. Reads those of its bases that changed. */
  showAppliance(wanted: string): Promise<ApplianceDetails>;
  /** Shows an installed recipe with the site's values of its parameters. */
  showRecipe(wanted: string): Promise<RecipeDetails>;
  /** Shows a VM that was created from an appliance. */
  showVm(vm: string): Promise<VmDetails>;
  /** Finds out whether a name refers to an installed image or an installed recipe. */
  findSource(wanted: string): Promise<VmSource>;
  /** Finds the descriptor of an installed appliance or recipe; undefined if none has this name. */
  findDescriptor(wanted: string): Promise<string | undefined>;
  /** Returns the required parameters of a recipe that neither the site nor these layers set. */
  missingParameters(
    recipe: string,
    layers: readonly ParameterLayer[],
  ): Promise<readonly RecipeParameter[]>;
  /** Waits for a sign of life of a VM that was just started; undefined if there was none in time. */
  waitForBoot(vm: string, options: { readonly timeoutMs: number }): Promise<SignOfLife | undefined>;
  /** Finds every problem on the host. Writes only records of the bases that were read. */
  diagnose(request?: DoctorRequest): Promise<Diagnosis>;
}

/** A KVM host: its installed appliances and its VMs. */
export interface Host extends HostOperations, HostQueries {
  readonly paths: HostPaths;
  /** Dry runs: what the operations would do. */
  readonly plan: HostPlans;
  update(
    vm: string,
    request?: UpdateRequest & PlanListener<UpdateOperation>,
  ): Promise<UpdateOperation | undefined>;
  rollback(
    vm: string,
    request?: RollbackRequest & PlanListener<RollbackOperation>,
  ): Promise<RollbackOperation>;
  accept(vm: string, options?: PlanListener<AcceptOperation>): Promise<AcceptOperation>;
  /**
   * Updates every VM with a newer version, several at a time, and starts none after the first that fails.
   *
   * @returns one outcome for each matching VM, by name
   */
  updateAll(
    request?: UpdateAllRequest & { readonly onOutcome?: (outcome: UpdateOutcome) => void },
  ): Promise<readonly UpdateOutcome[]>;
  /** Installs an appliance without a package. */
  install(staged: StagedPackage): Promise<Reconciled<HostOperation>>;
  /** Removes an appliance that `install` added. */
  uninstall(wanted: string): Promise<Reconciled<UninstallOperation>>;
  /** Makes the repairs that lose no data, and checks again. */
  repair(
    request?: DoctorRequest,
  ): Promise<Diagnosis & { /** Findings that are gone. */ readonly repaired: readonly Finding[] }>;
  /**
   * Completes or undoes interrupted operations. Every operation begins with this.
   *
   * @returns subjects of operations that could be neither completed nor undone
   */
  recover(): Promise<readonly string[]>;
  /**
   * Creates bases, registrations and the pool that are missing.
   *
   * @returns whether there were no problems
   */
  reconcile(options?: { readonly onOutcome?: (line: string) => void }): Promise<boolean>;
}
