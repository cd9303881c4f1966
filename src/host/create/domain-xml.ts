import { randomUUID } from "node:crypto";
import { ApplianceError } from "../../errors.ts";
import {
  addElement,
  type EditedElement,
  editXml,
  elementOf,
  elementsOf,
  removeElement,
} from "../../lib/xml/edit.ts";
import type { InstanceDisk } from "../instance/instance.ts";
import { placeholderName } from "./virt-install-arguments.ts";

/** Replacement of a placeholder disk. */
export type DomainDiskContent = Pick<
  InstanceDisk,
  "kind" | "path" | "format" | "base" | "layers"
> & {
  /** Format of the base, for overlays. */
  readonly baseFormat?: "qcow2" | "raw" | undefined;
};

/** Parts of a domain that virt-install cannot set. */
export interface DomainCompletion {
  /** In the order of the placeholders. */
  readonly disks: readonly DomainDiskContent[];
  /** Attaches more disks, after the disks with these device names. */
  readonly attach?: ((devices: EditedElement, targets: readonly string[]) => void) | undefined;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly cmdline: string | undefined;
  /** Log file of the VM's serial console. */
  readonly consoleLog: string;
}

/**
 * Prevents libvirt from giving a shared file to QEMU's user, which could then write to it. The file remains unchanged
 * and readable.
 */
function keepOwner(source: EditedElement): void {
  for (const model of ["dac", "selinux"])
    addElement(source, { name: "seclabel", attributes: { model, relabel: "no" } });
}

/** Writes the backing chain of a disk or a layer: other layers, then the base, which ends the chain. */
function addBackingStore(
  parent: EditedElement,
  content: Pick<DomainDiskContent, "base" | "baseFormat" | "layers">,
): void {
  const { base, baseFormat = "qcow2", layers: [layer, ...others] = [] } = content;
  const next = layer ?? (base && { path: base.path, format: baseFormat });
  // In libvirt's order, a disk's chain precedes its target.
  const store = addElement(
    parent,
    { name: "backingStore", attributes: next === undefined ? {} : { type: "file" } },
    elementOf(parent, "target"),
  );
  if (next === undefined) return;
  addElement(store, { name: "format", attributes: { type: next.format } });
  const source = addElement(store, { name: "source", attributes: { file: next.path } });
  if (layer !== undefined) return addBackingStore(store, { base, baseFormat, layers: others });
  keepOwner(source);
  // Files that a base's header might name are not opened.
  addElement(store, { name: "backingStore" });
}

/** Writes a file into a `<disk>`, with the whole chain behind it. */
export function setDiskSource(disk: EditedElement, content: DomainDiskContent): void {
  for (const name of ["source", "backingStore"])
    for (const old of elementsOf(disk, name)) removeElement(old);
  disk.setAttribute("type", "file");
  // Without a type, some versions and configurations of libvirt would guess it from data that the guest wrote.
  const driver =
    elementOf(disk, "driver") ??
    addElement(disk, { name: "driver", attributes: { name: "qemu" } }, elementOf(disk, "target"));
  driver.setAttribute("type", content.format === "iso" ? "raw" : content.format);
  const source = addElement(
    disk,
    { name: "source", attributes: { file: content.path } },
    elementOf(disk, "target"),
  );
  if (content.kind === "base") keepOwner(source);
  else if (content.kind === "overlay") addBackingStore(disk, content);
  else addBackingStore(disk, { ...content, base: undefined });
}

function findPlaceholder(devices: EditedElement, index: number): EditedElement {
  const name = placeholderName(index);
  const disk = elementsOf(devices, "disk").find(
    (each) => elementOf(each, "source")?.getAttribute("name") === name,
  );
  if (disk !== undefined) return disk;
  throw new ApplianceError(
    "LIBVIRT_UNEXPECTED",
    `virt-install: the printed domain lacks the disk ${name}`,
    { hint: "do not remove disks with options after --" },
  );
}

function setKernel(root: EditedElement, completion: DomainCompletion): void {
  const { kernel } = completion;
  const os = elementOf(root, "os");
  if (kernel === undefined || os === undefined) return;
  for (const name of ["kernel", "initrd", "cmdline", "boot"])
    for (const old of elementsOf(os, name)) removeElement(old);
  for (const name of ["kernel", "initrd", "cmdline"] as const) {
    const text = completion[name];
    if (text !== undefined) addElement(os, { name, text });
  }
}

/** Logs the VM's console, in addition to its other readers. */
function logConsole(devices: EditedElement, file: string): void {
  const console = elementOf(devices, "serial") ?? elementOf(devices, "console");
  if (console === undefined || console.getAttribute("type") !== "pty") return;
  if (elementOf(console, "log") !== undefined) return;
  addElement(
    console,
    { name: "log", attributes: { file, append: "off" } },
    elementOf(console, "target"),
  );
}

/**
 * The metadata contains the UUID, which also distinguishes the domain from another with its name; libvirt would choose
 * one only when the domain is defined. A UUID from the caller is written in libvirt's form.
 */
function ensureUuid(root: EditedElement): void {
  const found = elementOf(root, "uuid");
  if (found === undefined) return void addElement(root, { name: "uuid", text: randomUUID() });
  const digits = (found.textContent ?? "").replaceAll(/[-\s]/g, "").toLowerCase();
  found.textContent = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Returns the domain that virt-install printed, with the real disks instead of the placeholders and with its kernel,
 * and the device name of each disk.
 */
export function completeDomain(
  printed: string,
  completion: DomainCompletion,
): { readonly xml: string; readonly targets: readonly string[] } {
  const targets: string[] = [];
  const xml = editXml(printed, "virt-install", (root) => {
    const devices = elementOf(root, "devices");
    if (devices === undefined) throw new TypeError("virt-install prints devices");
    const disks = completion.disks.map((_, index) => findPlaceholder(devices, index));
    for (const [index, content] of completion.disks.entries()) {
      const disk = disks[index];
      if (disk === undefined) continue;
      setDiskSource(disk, content);
      targets.push(elementOf(disk, "target")?.getAttribute("dev") ?? "");
    }
    completion.attach?.(devices, targets);
    ensureUuid(root);
    setKernel(root, completion);
    logConsole(devices, completion.consoleLog);
  });
  return { xml, targets };
}
