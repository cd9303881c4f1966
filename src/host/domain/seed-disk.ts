import {
  addElement,
  type EditedElement,
  elementOf,
  elementsOf,
  removeElement,
} from "../../lib/xml/edit.ts";
import { setDiskSource } from "./disk-source.ts";

/** Bus and device name of the disk with the parameters. */
interface SeedPlace {
  readonly device: "disk" | "cdrom";
  readonly target: string;
  readonly bus: string;
}

const letters = Array.from("abcdefghijklmnopqrstuvwxyz");

/** Buses without read-only hard disks in QEMU. A guest with its system on one of them can also read a CD-ROM there. */
const discBuses: ReadonlySet<string> = new Set(["ide", "sata", "fdc"]);

/** Buses on which device names in the guest follow the order of attachment, not the letter of the target. */
const orderedBuses: ReadonlySet<string> = new Set(["virtio", "xen"]);

const IDE_DISKS = 4;

function attributeOf(disk: EditedElement, name: "dev" | "bus"): string {
  return elementOf(disk, "target")?.getAttribute(name) ?? "";
}

/** Returns the last free device name, so that it comes after all other disks, including those that an update adds. */
function lastTarget(prefix: string, bus: string, disks: readonly EditedElement[]): string {
  const names = disks.map((disk) => attributeOf(disk, "dev"));
  const taken = letters.map((letter) => names.includes(`${prefix}${letter}`));
  const usable = bus === "ide" ? letters.slice(0, IDE_DISKS) : letters;
  const free = usable.flatMap((letter, index) => (taken[index] === true ? [] : [letter]));
  // On other buses a letter is a position on a controller, and a late one would need another controller.
  const behind = free.find((letter) => letters.indexOf(letter) > taken.lastIndexOf(true));
  const letter = orderedBuses.has(bus) ? free.at(-1) : (behind ?? free[0]);
  return `${prefix}${letter ?? "aa"}`;
}

/** Returns a place after all other disks on the bus of the system disk, which the guest can always read. */
function placeFor(disks: readonly EditedElement[], beside: EditedElement | undefined): SeedPlace {
  const said = beside === undefined ? "" : attributeOf(beside, "bus");
  const isFull =
    said === "ide" && disks.filter((d) => attributeOf(d, "bus") === "ide").length >= IDE_DISKS;
  const bus = said === "" ? "virtio" : isFull ? "sata" : said;
  const own = /^(x?[a-z]d)[a-z]+$/.exec(
    beside === undefined ? "" : attributeOf(beside, "dev"),
  )?.[1];
  const prefix = isFull ? "sd" : (own ?? "vd");
  const isDisc = discBuses.has(bus) || beside?.getAttribute("device") === "cdrom";
  return { device: isDisc ? "cdrom" : "disk", target: lastTarget(prefix, bus, disks), bus };
}

/**
 * Attaches the disk with the parameters of a VM, read-only, on the bus of its system disk.
 *
 * @param beside  device name of the system disk; undefined for a VM without disks
 * @returns its device name
 */
export function attachSeed(
  devices: EditedElement,
  file: string,
  beside: string | undefined,
): string {
  const disks = elementsOf(devices, "disk");
  const sample = disks.find((disk) => attributeOf(disk, "dev") === beside);
  const { device, target, bus } = placeFor(disks, sample);
  const driver = sample === undefined ? undefined : elementOf(sample, "driver");
  const name = driver?.getAttribute("name") ?? "qemu";
  const disk = addElement(devices, { name: "disk", attributes: { type: "file", device } });
  addElement(disk, { name: "driver", attributes: { name, type: "raw" } });
  addElement(disk, { name: "target", attributes: { dev: target, bus } });
  addElement(disk, { name: "readonly" });
  setDiskSource(disk, { kind: "empty", path: file, format: "iso", base: undefined });
  return target;
}

/**
 * Detaches the disk with the parameters while other disks are added, so that it does not affect their names.
 *
 * @returns a function that attaches it after all others, and returns its device name; undefined if it is missing or a
 *   CD-ROM, which has another kind of name
 */
export function detachSeed(devices: EditedElement, target: string): (() => string) | undefined {
  const disk = elementsOf(devices, "disk").find((each) => attributeOf(each, "dev") === target);
  const place = disk && elementOf(disk, "target");
  if (disk === undefined || place === undefined || disk.getAttribute("device") === "cdrom")
    return undefined;
  removeElement(disk);
  return () => {
    const prefix = /^(x?[a-z]d)/.exec(target)?.[1] ?? "vd";
    const bus = attributeOf(disk, "bus");
    const last = lastTarget(prefix, bus, elementsOf(devices, "disk"));
    place.setAttribute("dev", last);
    // libvirt chooses a new address, after those of the other disks.
    for (const address of elementsOf(disk, "address")) removeElement(address);
    devices.appendChild(disk);
    return last;
  };
}
