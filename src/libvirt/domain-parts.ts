import type { XmlElement } from "../lib/xml/tree.ts";

/** Parts of a domain's XML that no field of `Domain` holds. */
export interface DomainParts {
  /** Parts that describe the machine, each as `<element attribute='value'>`. */
  readonly other: readonly string[];
  /** Host-specific parts, each as `element` or `element attribute`. */
  readonly host: readonly string[];
}

/**
 * Elements and attributes that are read, or that follow from those. `@` precedes an attribute; `=` precedes a value
 * that equals the default. A trailing slash covers all content of the element.
 */
const read = `@type @id name uuid title description bootloader
  memory memory@unit currentMemory currentMemory@unit vcpu vcpu@placement
  metadata metadata/libosinfo metadata/libosinfo/os metadata/libosinfo/os@id
  os os@firmware os/type os/type@arch os/type@machine os/boot os/boot@dev os/kernel os/initrd os/cmdline
  os/loader@type os/loader@readonly os/loader@format os/loader@secure=no os/loader@stateless=no os/bootmenu os/bootmenu@enable=no
  os/smbios os/smbios@mode=emulate
  features features/acpi features/acpi@state features/apic features/apic@state features/pae features/pae@state
  disk disk@type disk@device disk/driver disk/driver@name disk/driver@type
  disk/source disk/source@file disk/source@dev disk/source@dir disk/source@name disk/source@path
  disk/source@pool disk/source@volume disk/source@protocol disk/source@index
  disk/target disk/target@dev disk/target@bus disk/readonly disk/transient
  disk/boot disk/boot@order disk/alias/ disk/address/ disk/backingStore/
  interface interface@type interface/mac/ interface/source/ interface/model interface/model@type
  interface/target interface/alias/ interface/address/`;

/** Host-specific elements and attributes: paths of the host's files, its processors, its storage and its network. */
const hostOwn = `vcpu@cpuset os/loader os/nvram/
  disk@snapshot disk/target@tray disk/source@startupPolicy disk/source@mode disk/source/host/ disk/source/auth/
  disk/source/seclabel/ disk/source/reservations/ disk/source/address/ disk/source/privateData/
  disk/auth/ disk/mirror/ disk/privateData/
  interface/script/ interface/target@dev interface/target@managed interface/virtualport/
  interface/backend/ interface/filterref/`;

const verdicts: ReadonlyMap<string, "read" | "host"> = new Map([
  ...read.split(/\s+/).map((place) => [place, "read"] as const),
  ...hostOwn.split(/\s+/).map((place) => [place, "host"] as const),
]);

/** Elements whose unknown children are listed in other fields. */
const listedByName: ReadonlySet<string> = new Set(["", "features"]);

const MAX_VALUE_CHARACTERS = 60;
const MAX_ATTRIBUTES = 8;

function show(name: string, attributes: XmlElement["attributes"]): string {
  const said = attributes
    .slice(0, MAX_ATTRIBUTES)
    .map((a) => ` ${a.name}='${a.value.slice(0, MAX_VALUE_CHARACTERS)}'`);
  return `<${name}${said.join("")}>`;
}

function attributeParts({ name, attributes }: XmlElement, place: string): DomainParts {
  const verdictOf = (attribute: XmlElement["attributes"][number]): "read" | "host" | undefined => {
    const key = `${place}@${attribute.name}`;
    return verdicts.get(key) ?? verdicts.get(`${key}=${attribute.value}`);
  };
  const other = attributes.filter((attribute) => verdictOf(attribute) === undefined);
  const host = attributes.filter((attribute) => verdictOf(attribute) === "host");
  return {
    other: other.length === 0 ? [] : [show(name, other)],
    host: host.map((attribute) => `${name} ${attribute.name}`),
  };
}

function childParts(child: XmlElement, parent: string): DomainParts {
  const place = parent === "" ? child.name : `${parent}/${child.name}`;
  const whole = verdicts.get(`${place}/`);
  const verdict = whole ?? verdicts.get(place);
  const own = verdict === "host" ? [child.name] : [];
  if (whole !== undefined) return { other: [], host: own };
  if (verdict !== undefined) {
    const inside = partsOf(child, place);
    return { other: inside.other, host: [...own, ...inside.host] };
  }
  // Management programs store their own data about the machines they manage in <metadata>.
  if (parent === "metadata") return { other: [], host: [`metadata ${child.name}`] };
  return { other: listedByName.has(parent) ? [] : [show(child.name, child.attributes)], host: [] };
}

/**
 * Returns the parts of an element, and of all elements inside it, that are not read.
 *
 * @param place  path of the element as in the tables; empty for the domain itself
 */
export function partsOf(element: XmlElement, place: string): DomainParts {
  const all = [
    attributeParts(element, place),
    ...element.children.map((child) => childParts(child, place)),
  ];
  return { other: all.flatMap(({ other }) => other), host: all.flatMap(({ host }) => host) };
}
