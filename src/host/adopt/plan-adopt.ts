import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { type EditedElement, editXml, elementOf, elementsOf } from "../../lib/xml/edit.ts";
import type { CatalogueEntry } from "../catalogue/catalogue-entry.ts";
import { setDiskSource } from "../domain/disk-source.ts";
import { domainTexts } from "../instance/domain-texts.ts";
import type { Instance } from "../instance/instance.ts";
import { writeInstance } from "../instance/instance-xml.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { matchBoot, type MatchedBoot } from "./adopt-boot.ts";
import { matchDisks } from "./adopt-disks.ts";
import type { AdoptState } from "./adopt-state.ts";

/** Options of `adopt`. */
export interface AdoptRequest {
  /** Device names of disks without a base, by id in the descriptor; `none` for a disk that the domain does not have. */
  readonly disks?: Readonly<Record<string, string>> | undefined;
  /** Index of the boot descriptor, if several match. */
  readonly boot?: number | undefined;
}

/** A complete plan of an adoption. */
export interface AdoptOperation extends HostOperation {
  readonly instance: Instance;
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

function noEntryReasons(state: AdoptState): readonly string[] {
  const { entries, disks } = state;
  if (entries.length > 1) {
    const ids = entries.map((entry) => `${entry.package}-${entry.version}-${entry.release}`);
    return [`its disks are backed by bases of several appliances: ${ids.join(", ")}`];
  }
  if (entries.length === 1) return [];
  const orphans = disks.flatMap((each) => each.onBase ?? each.isBase ?? each.through?.base ?? []);
  return orphans.length === 0
    ? ["none of its disks is backed by a base of an appliance"]
    : orphans.map(
        (base) => `it is backed by ${base}, whose package is not installed: install it again`,
      );
}

function baseFormat(entry: CatalogueEntry, id: string): "qcow2" | "raw" {
  return entry.bases.find(({ disk }) => disk === id)?.format === "qcow2" ? "qcow2" : "raw";
}

/**
 * Writes the backing chain into a disk, so that libvirt does not change the owner of the base. A disk whose source has
 * more details is not changed.
 */
function protectBase(
  root: EditedElement,
  instance: Instance,
  entry: CatalogueEntry,
): readonly string[] {
  const devices = elementOf(root, "devices");
  const notes: string[] = [];
  for (const { id, kind, path: file, format, target, base } of instance.current.disks) {
    const disk = elementsOf(devices ?? root, "disk").find(
      (each) => elementOf(each, "target")?.getAttribute("dev") === target,
    );
    const source = disk === undefined ? undefined : elementOf(disk, "source");
    if (kind !== "overlay" || disk === undefined || source === undefined) continue;
    const isPlain = source.attributes.length === 1 && source.childNodes.length === 0;
    if (isPlain && elementOf(disk, "backingStore") === undefined)
      setDiskSource(disk, { kind, path: file, format, base, baseFormat: baseFormat(entry, id) });
    else
      notes.push(
        `disk ${target}: its source has more than a file name; libvirt may change the owner of its base`,
      );
  }
  return notes;
}

function setBootFiles(root: EditedElement, boot: MatchedBoot): void {
  const os = elementOf(root, "os");
  for (const name of ["kernel", "initrd"] as const) {
    const element = os === undefined ? undefined : elementOf(os, name);
    const file = boot[name];
    if (element !== undefined && file !== undefined) element.textContent = file.path;
  }
}

function instanceOf(
  state: AdoptState,
  entry: CatalogueEntry,
  parts: { readonly boot: MatchedBoot; readonly disks: Instance["current"]["disks"] },
): Instance {
  const { known } = state;
  const { boot, disks } = parts;
  const now = state.now.toISOString();
  const fileOf = (file: MatchedBoot["kernel"]): Instance["current"]["kernel"] =>
    file && { path: file.path, base: file.base };
  return {
    appliance: entry.name,
    package: entry.package,
    createdAt: known?.createdAt ?? now,
    current: {
      version: entry.version,
      release: entry.release,
      since: now,
      boot: boot.boot,
      disks,
      kernel: fileOf(boot.kernel),
      initrd: fileOf(boot.initrd),
      definition: undefined,
      ...domainTexts(entry, state.appliance?.description),
    },
    previous: undefined,
    seed: known?.seed,
    ...(known?.recipe === undefined ? {} : { recipe: known.recipe }),
  };
}

function refuse(vm: string, details: readonly string[]): ApplianceError {
  return new ApplianceError("HOST_REFUSED", `${vm}: cannot be adopted`, { details });
}

/**
 * Plans how a domain that virt-install created becomes a VM of its appliance: writes its metadata, protects its base,
 * and copies its kernel. Changes no disk. Uses only the state.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planAdopt(
  state: AdoptState,
  request: AdoptRequest,
  baseDir: string,
): AdoptOperation {
  const { vm, appliance } = state;
  const [entry] = state.entries;
  const early = noEntryReasons(state);
  if (entry === undefined || appliance === undefined || early.length > 0) throw refuse(vm, early);
  const { disks, reasons, absent } = matchDisks(state, entry, {
    given: request.disks ?? {},
    baseDir,
  });
  const folder = path.dirname(disks.find(({ kind }) => kind !== "base")?.path ?? "/");
  const boot = matchBoot(state, appliance, { entry, given: request.boot, folder, baseDir });
  const used = [
    ...disks.flatMap(({ base }) => base?.path ?? []),
    ...[boot.kernel, boot.initrd].flatMap((file) => file?.base.path ?? []),
  ].map((file) => path.basename(file));
  const problems = used.flatMap((file) => state.baseProblems.get(file) ?? []);
  const unread = state.disks.flatMap(({ problem }) => problem ?? []);
  const all = [...reasons, ...boot.reasons, ...problems, ...unread];
  if (all.length > 0) throw refuse(vm, all);
  const instance = instanceOf(state, entry, { boot, disks });
  const notes = absent.map(
    (id) => `disk ${id}: the domain does not have it; the next update adds it`,
  );
  const edited = editXml(state.xml, vm, (root) => {
    notes.push(...protectBase(root, instance, entry));
    setBootFiles(root, boot);
  });
  const xml = writeInstance(edited, instance);
  const steps: readonly HostStep[] = [
    ...[boot.kernel, boot.initrd].flatMap((file) => file?.step ?? []),
    { kind: "define-domain", vm, xml, previousXml: state.xml },
  ];
  return { verb: "adopt", subject: vm, steps, commitAfter: steps.length, instance, notes };
}
