import { type Boot, isDiscFormat } from "../../appliance/index.ts";
import {
  addElement,
  type EditedElement,
  editXml,
  elementOf,
  elementsOf,
  removeElement,
} from "../../lib/xml/edit.ts";
import { bootOrderOf, parseDomain } from "../../libvirt/index.ts";
import type { PlannedDisk } from "../domain/plan-disks.ts";

/** Returns the disk that the firmware boots: the first system disk; undefined if the VM does not boot from a disk. */
export function bootDiskOf(
  { os }: Pick<Boot, "os">,
  disks: readonly PlannedDisk[],
): PlannedDisk | undefined {
  if (os.kind !== "loader" || os.device !== "hd") return undefined;
  const hard = disks.filter(({ format }) => !isDiscFormat(format));
  return hard.find(({ role }) => role === "system") ?? hard[0];
}

/** Returns the devices of `<boot dev>`; for hard disks, the requested one. */
function devicesFor(
  boot: string | null,
  devices: EditedElement,
  disk: EditedElement,
): readonly EditedElement[] {
  if (boot === "hd") return [disk];
  if (boot === "network") return elementsOf(devices, "interface").slice(0, 1);
  const kind = boot === "fd" ? "floppy" : boot;
  const isKind = (each: EditedElement): boolean => each.getAttribute("device") === kind;
  return elementsOf(devices, "disk").filter(isKind).slice(0, 1);
}

/**
 * Returns a domain that boots from this hard disk. For `hd`, libvirt uses the disk with the lowest target. If that is
 * another one, each device gets an explicit boot order. An existing boot order is kept.
 */
export function bootFrom(xml: string, target: string): string {
  const domain = parseDomain(xml);
  const isHard = (device: string): boolean => device === "disk" || device === "lun";
  const first = bootOrderOf(domain).tried.find(({ device }) => isHard(device));
  if (domain.hasDeviceOrder || first === undefined || first.target === target) return xml;
  return editXml(xml, "domain", (root) => {
    const os = elementOf(root, "os");
    const devices = elementOf(root, "devices");
    const disk =
      devices &&
      elementsOf(devices, "disk").find(
        (each) => elementOf(each, "target")?.getAttribute("dev") === target,
      );
    if (os === undefined || devices === undefined || disk === undefined) return;
    const said = elementsOf(os, "boot");
    const order = said.length === 0 ? ["hd"] : said.map((each) => each.getAttribute("dev"));
    const ordered = new Set(order.flatMap((boot) => devicesFor(boot, devices, disk)));
    for (const each of said) removeElement(each);
    for (const [index, device] of [...ordered].entries())
      addElement(device, { name: "boot", attributes: { order: String(index + 1) } });
  });
}
