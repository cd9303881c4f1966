import { isDiscFormat } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import {
  addElement,
  type EditedElement,
  elementOf,
  elementsOf,
  removeElement,
} from "../../lib/xml/edit.ts";
import { type DomainDiskContent, setDiskSource } from "../domain/disk-source.ts";
import type { DiskChange } from "./domain-target.ts";

/** Buses by the letters that a device name begins with. */
const buses: Readonly<Record<string, string>> = { vd: "virtio", sd: "sata", hd: "ide", xvd: "xen" };

const letters = Array.from("abcdefghijklmnopqrstuvwxyz");

function targetOf(disk: EditedElement): string {
  return elementOf(disk, "target")?.getAttribute("dev") ?? "";
}

function prefixOf(target: string): string | undefined {
  return /^(x?vd|[sh]d)[a-z]+$/.exec(target)?.[1];
}

function freeTarget(wanted: string | undefined, taken: readonly string[]): string {
  if (wanted !== undefined && prefixOf(wanted) !== undefined && !taken.includes(wanted))
    return wanted;
  const prefixes = [wanted ?? "", ...taken].flatMap((name) => prefixOf(name) ?? []);
  const prefix = prefixes[0] ?? "vd";
  const free = letters.map((letter) => `${prefix}${letter}`).find((n) => !taken.includes(n));
  if (free !== undefined) return free;
  throw new ApplianceError(
    "HOST_REFUSED",
    `disk ${wanted ?? ""}: no device name from ${prefix}a to ${prefix}z is free`,
  );
}

/** Returns the bus for a new disk, the same as for others of its kind. */
function busFor(target: string, disks: readonly EditedElement[]): string | undefined {
  const prefix = prefixOf(target) ?? "";
  const like = disks.find((disk) => prefixOf(targetOf(disk)) === prefix);
  const bus = like === undefined ? undefined : elementOf(like, "target")?.getAttribute("bus");
  return bus ?? buses[prefix];
}

function addDisk(
  devices: EditedElement,
  wanted: string | undefined,
  content: DomainDiskContent,
): string {
  const disks = elementsOf(devices, "disk");
  const target = freeTarget(wanted, disks.map(targetOf));
  const isDisc = isDiscFormat(content.format);
  const disk = addElement(devices, {
    name: "disk",
    attributes: { type: "file", device: isDisc ? "cdrom" : "disk" },
  });
  const discard = isDisc ? undefined : "unmap";
  addElement(disk, { name: "driver", attributes: { name: "qemu", type: "raw", discard } });
  addElement(disk, { name: "target", attributes: { dev: target, bus: busFor(target, disks) } });
  if (isDisc) addElement(disk, { name: "readonly" });
  setDiskSource(disk, content);
  return target;
}

/**
 * Changes the appliance's disks in a domain.
 *
 * @returns device names of all disks named in the changes, by disk id
 */
export function changeDisks(
  devices: EditedElement,
  changes: readonly DiskChange[],
): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  // Removed disks make room for added ones.
  const isRemoval = ({ change }: DiskChange): boolean => change === "remove";
  for (const change of [...changes.filter(isRemoval), ...changes.filter((c) => !isRemoval(c))]) {
    if (change.change === "add") {
      targets.set(change.id, addDisk(devices, change.target, change.content));
      continue;
    }
    const disk = elementsOf(devices, "disk").find((each) => targetOf(each) === change.target);
    if (disk === undefined) {
      throw new ApplianceError(
        "HOST_REFUSED",
        `disk ${change.id}: the domain has no device ${change.target}`,
      );
    }
    if (change.change === "remove") removeElement(disk);
    else setDiskSource(disk, change.content);
    targets.set(change.id, change.target);
  }
  return targets;
}
