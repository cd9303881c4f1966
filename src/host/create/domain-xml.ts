import { randomUUID } from "node:crypto";
import { ApplianceError } from "../../errors.ts";
import { addElement, editXml, elementOf, elementsOf, removeElement } from "../../lib/xml-edit.ts";
import type { EditedElement } from "../../lib/xml-edit.ts";
import type { InstanceDisk } from "../instance.ts";
import { placeholderName } from "./virt-install-arguments.ts";

/** What is put in the place of a placeholder. */
export type DomainDiskContent = Pick<
  InstanceDisk,
  "kind" | "path" | "format" | "base" | "layers"
> & {
  /** Format of the base, for overlays. */
  readonly baseFormat?: "qcow2" | "raw" | undefined;
};

/** What virt-install did not know of a domain. */
export interface DomainCompletion {
  /** In the order of the placeholders. */
  readonly disks: readonly DomainDiskContent[];
  /** Attaches more, beside the disks of these device names. */
  readonly attach?: ((devices: EditedElement, targets: readonly string[]) => void) | undefined;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly cmdline: string | undefined;
  /** File that gets what the VM says on its serial console. */
  readonly consoleLog: string;
}

/**
 * Keeps libvirt from giving a shared file to QEMU's user, who could write to it then: it stays as it is, and readable.
 */
function keepOwner(source: EditedElement): void {
  for (const model of ["dac", "selinux"])
    addElement(source, { name: "seclabel", attributes: { model, relabel: "no" } });
}

/** Writes what a disk or a layer rests on: other layers, then the base; there the chain ends. */
function addBackingStore(
  parent: EditedElement,
  content: Pick<DomainDiskContent, "base" | "baseFormat" | "layers">,
): void {
  const { base, baseFormat = "qcow2", layers: [layer, ...others] = [] } = content;
  const next = layer ?? (base && { path: base.path, format: baseFormat });
  // In libvirt's order, a disk's chain stands before its target.
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
  // Nothing that a base's header might name is followed.
  addElement(store, { name: "backingStore" });
}

/** Writes a file into a `<disk>`, with the whole chain behind it. */
export function setDiskSource(disk: EditedElement, content: DomainDiskContent): void {
  for (const name of ["source", "backingStore"])
    for (const old of elementsOf(disk, name)) removeElement(old);
  disk.setAttribute("type", "file");
  // Without a type, libvirt would guess it in some versions and configurations, from what the guest wrote.
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

/** Has what the VM says on its console written down, beside whoever listens. */
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
 * Our metadata names the UUID, by which the domain is also told from another of its name; libvirt would choose one only
 * when the domain is defined. One that the caller chose is written as libvirt writes it.
 */
function ensureUuid(root: EditedElement): void {
  const found = elementOf(root, "uuid");
  if (found === undefined) return void addElement(root, { name: "uuid", text: randomUUID() });
  const digits = (found.textContent ?? "").replaceAll(/[-\s]/g, "").toLowerCase();
  found.textContent = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Returns the domain that virt-install printed, with the real disks in place of the placeholders and the kernel that
 * it boots, and the device name that each disk got.
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
