import { addElement, elementOf, elementsOf, removeElement } from "../../lib/xml-edit.ts";
import type { EditedElement } from "../../lib/xml-edit.ts";
import { setDiskSource } from "./domain-xml.ts";

/** Where the disk with the parameters is attached. */
interface SeedPlace {
  readonly device: "disk" | "cdrom";
  readonly target: string;
  readonly bus: string;
}

const letters = Array.from("abcdefghijklmnopqrstuvwxyz");

/** QEMU has no read-only hard disks on these; a guest whose system is there finds a disc there too. */
const discBuses: ReadonlySet<string> = new Set(["ide", "sata", "fdc"]);

/** Buses on which a guest's names follow the order of attachment, whatever the letter of the target. */
const orderedBuses: ReadonlySet<string> = new Set(["virtio", "xen"]);

const IDE_DISKS = 4;

function attributeOf(disk: EditedElement, name: "dev" | "bus"): string {
  return elementOf(disk, "target")?.getAttribute(name) ?? "";
}

/** Returns the last free device name: none of the other disks, or of those that an update adds, comes behind it. */
function lastTarget(prefix: string, bus: string, disks: readonly EditedElement[]): string {
  const names = disks.map((disk) => attributeOf(disk, "dev"));
  const taken = letters.map((letter) => names.includes(`${prefix}${letter}`));
  const usable = bus === "ide" ? letters.slice(0, IDE_DISKS) : letters;
  const free = usable.flatMap((letter, index) => (taken[index] === true ? [] : [letter]));
  // On other buses a letter is a place on a controller, and a far one would need another controller.
  const behind = free.find((letter) => letters.indexOf(letter) > taken.lastIndexOf(true));
  const letter = orderedBuses.has(bus) ? free.at(-1) : (behind ?? free[0]);
  return `${prefix}${letter ?? "aa"}`;
}

/** Returns a place on the bus of the system disk, which the guest can surely read, behind all other disks. */
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
 * Takes the disk with the parameters out while other disks are added, so that they get the names that they would have
 * without it.
 *
 * @returns puts it back behind them all, and returns its device name; undefined when it is a disc, which has a name of
 *   another kind, or not there
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
    // libvirt chooses a new one, behind those of the disks before.
    for (const address of elementsOf(disk, "address")) removeElement(address);
    devices.appendChild(disk);
    return last;
  };
}
