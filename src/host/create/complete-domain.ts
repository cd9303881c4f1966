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
import { type DomainDiskContent, setDiskSource } from "../domain/disk-source.ts";
import { placeholderName } from "./virt-install-arguments.ts";

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
