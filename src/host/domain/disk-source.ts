import { isDiscFormat } from "../../appliance/index.ts";
import {
  addElement,
  type EditedElement,
  elementOf,
  elementsOf,
  removeElement,
} from "../../lib/xml/edit.ts";
import type { InstanceDisk } from "../instance/instance.ts";

/** What a `<disk>` contains. */
export type DomainDiskContent = Pick<
  InstanceDisk,
  "kind" | "path" | "format" | "base" | "layers"
> & {
  /** Format of the base, for overlays. */
  readonly baseFormat?: "qcow2" | "raw" | undefined;
};

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
  driver.setAttribute("type", isDiscFormat(content.format) ? "raw" : content.format);
  const source = addElement(
    disk,
    { name: "source", attributes: { file: content.path } },
    elementOf(disk, "target"),
  );
  if (content.kind === "base") keepOwner(source);
  else if (content.kind === "overlay") addBackingStore(disk, content);
  else addBackingStore(disk, { ...content, base: undefined });
}
