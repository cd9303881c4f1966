import type { Instance, InstanceDisk, InstanceFile, RecipeOrigin } from "../instance/instance.ts";
import { writeInstance } from "../instance/instance-xml.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { bootDiskOf, bootFrom } from "./boot-disk.ts";
import { completeDomain } from "./complete-domain.ts";
import type { DomainDiskContent } from "../domain/disk-source.ts";
import type { CreatePlan } from "./plan-create.ts";
import type { PlannedDisk, PlannedFile } from "../domain/plan-disks.ts";
import { attachSeed } from "../domain/seed-disk.ts";

/** A complete plan of a new VM. */
export interface CreateOperation extends HostOperation {
  /** The domain to define. */
  readonly xml: string;
  readonly instance: Instance;
}

function contentOf(disk: PlannedDisk): DomainDiskContent {
  const { kind, path, format, base, step } = disk;
  const baseFormat = step?.kind === "make-overlay" && step.baseFormat === "raw" ? "raw" : "qcow2";
  return { kind, path, format, base, baseFormat };
}

function diskOf(disk: PlannedDisk, target: string): InstanceDisk {
  const { id, role, kind, path, format, base } = disk;
  return { id, role, kind, path, format, target, base };
}

function fileOf(file: PlannedFile | undefined): InstanceFile | undefined {
  return file === undefined ? undefined : { path: file.path, base: file.base };
}

function instanceOf(
  plan: CreatePlan,
  { targets, seedTarget }: { readonly targets: readonly string[]; readonly seedTarget: string },
  recipe: RecipeOrigin | undefined,
): Instance {
  const { entry, seed } = plan;
  return {
    appliance: entry.name,
    package: entry.package,
    createdAt: plan.createdAt,
    current: {
      version: entry.version,
      release: entry.release,
      since: plan.createdAt,
      boot: plan.bootIndex,
      disks: plan.disks.map((disk, index) => diskOf(disk, targets[index] ?? "")),
      kernel: fileOf(plan.kernel),
      initrd: fileOf(plan.initrd),
      definition: undefined,
      ...plan.texts,
    },
    previous: undefined,
    seed:
      seed === undefined
        ? undefined
        : { path: seed.path, target: seedTarget, parameters: seed.parameters },
    ...(recipe === undefined ? {} : { recipe }),
  };
}

function stepsOf(plan: CreatePlan, xml: string): Pick<HostOperation, "steps" | "commitAfter"> {
  const { request, seed } = plan;
  const { vm } = request;
  const files = [...plan.disks, plan.kernel, plan.initrd];
  const undoable: readonly HostStep[] = [
    ...files.flatMap((file): readonly HostStep[] => (file?.step === undefined ? [] : [file.step])),
    ...(seed === undefined
      ? []
      : [{ kind: "write-file" as const, path: seed.path, base64: seed.base64 }]),
    { kind: "define-domain", vm, xml, previousXml: null },
    ...((request.start ?? true) ? [{ kind: "start-domain" as const, vm }] : []),
  ];
  // After the commit point; otherwise a booting host would start a VM whose creation is being undone.
  const rest: readonly HostStep[] =
    request.autostart === true ? [{ kind: "set-autostart", vm, state: "on" }] : [];
  return { steps: [...undoable, ...rest], commitAfter: undoable.length };
}

/**
 * Completes a plan with the domain that virt-install printed. If the operation is interrupted at any step, it is
 * undone: a VM exists with all its disks or not at all.
 *
 * @param recipe  for a VM that is installed from one
 */
export function finishCreate(
  plan: CreatePlan,
  printed: string,
  recipe?: RecipeOrigin,
): CreateOperation {
  const { os } = plan.boot;
  const { seed } = plan;
  let seedTarget = "";
  const { xml: completed, targets } = completeDomain(printed, {
    disks: plan.disks.map(contentOf),
    attach: (devices, found) => {
      if (seed === undefined) return;
      const system = plan.disks.findIndex(({ role }) => role === "system");
      seedTarget = attachSeed(devices, seed.path, found[system] ?? found[0]);
    },
    kernel: plan.kernel?.path,
    initrd: plan.initrd?.path,
    cmdline: os.kind === "kernel" ? os.cmdline : undefined,
    consoleLog: plan.consoleLog,
  });
  const instance = instanceOf(plan, { targets, seedTarget }, recipe);
  const bootDisk = bootDiskOf(plan.boot, plan.disks);
  const bootTarget = instance.current.disks.find(({ id }) => id === bootDisk?.id)?.target;
  const booting = bootTarget === undefined ? completed : bootFrom(completed, bootTarget);
  const xml = writeInstance(booting, instance);
  return { verb: "create", subject: plan.request.vm, ...stepsOf(plan, xml), xml, instance };
}
