import { shippedFormatNames } from "../../appliance/index.ts";
import { toolCommand } from "../../lib/command-line.ts";
import { ApplianceError } from "../../errors.ts";
import {
  addElement,
  type EditedElement,
  editXml,
  elementOf,
  elementsOf,
  removeElement,
} from "../../lib/xml/edit.ts";
import {
  attributeOf,
  childOf,
  childrenOf,
  childText,
  type XmlElement,
} from "../../lib/xml/tree.ts";
import { parseXml } from "../../lib/xml/parse.ts";
import { type DomainTexts, renewTexts, textsIn } from "./domain-texts.ts";
import type {
  BaseReference,
  Generation,
  Instance,
  InstanceFile,
  RecipeOrigin,
} from "./instance.ts";

/** XML namespace of virt-appliance's part of a domain's `<metadata>`. */
export const INSTANCE_NAMESPACE = "http://virt-appliance/instance/1";

const PREFIX = "va";
const kinds = ["overlay", "copy", "empty", "base"] as const;
const roles = ["system", "data", "scratch"] as const;

/** Maximum length of a text from libvirt (REMOTE_STRING_MAX). */
const limits = { maxBytes: 4 * 1024 * 1024, maxNodes: 125_000 };

type Attributes = Readonly<Record<string, string | undefined>>;

function add(parent: EditedElement, name: string, attributes: Attributes): EditedElement {
  return addElement(parent, {
    name: `${PREFIX}:${name}`,
    namespace: INSTANCE_NAMESPACE,
    attributes,
  });
}

function baseAttributes(base: BaseReference | undefined): Attributes {
  return { base: base?.path, sha256: base?.sha256 };
}

function addGeneration(parent: EditedElement, name: string, generation: Generation): void {
  const { version, release, since, definition } = generation;
  const boot = String(generation.boot);
  const element = add(parent, name, { version, release, since, boot, definition });
  for (const part of ["title", "description"] as const) {
    const text = generation[part];
    if (text !== undefined) add(element, part, {}).textContent = text;
  }
  for (const { id, role, kind, path, format, target, base, layers = [] } of generation.disks) {
    const of = { id, role, kind, path, format, target, ...baseAttributes(base) };
    const disk = add(element, "disk", of);
    for (const layer of layers) add(disk, "layer", { path: layer.path, format: layer.format });
  }
  const file = (key: "kernel" | "initrd"): void => {
    const found = generation[key];
    if (found !== undefined) add(element, key, { path: found.path, ...baseAttributes(found.base) });
  };
  file("kernel");
  file("initrd");
}

/** Normalises a UUID: libvirt accepts it with and without hyphens, in either case. */
function plainUuid(uuid: string): string {
  return uuid.replaceAll(/[-\s]/g, "").toLowerCase();
}

/**
 * Returns the XML of a domain with new virt-appliance metadata, and with the title and description of its version if
 * they are still the generated ones. Everything else is kept. The metadata includes the domain's UUID, because a clone
 * copies them.
 *
 * @throws ApplianceError `LIBVIRT_UNEXPECTED` for a domain without UUID, which libvirt never returns
 */
export function writeInstance(domainXml: string, instance: Instance): string {
  return editXml(domainXml, "domain", (root) => {
    const uuid = elementOf(root, "uuid")?.textContent?.trim() ?? "";
    if (uuid === "")
      throw new ApplianceError("LIBVIRT_UNEXPECTED", "domain: no <uuid>, expected one");
    const metadata = elementOf(root, "metadata") ?? addElement(root, { name: "metadata" });
    const written = elementOf(metadata, "instance", INSTANCE_NAMESPACE);
    const last = written && elementOf(written, "current", INSTANCE_NAMESPACE);
    renewTexts(root, { before: textsIn(last, INSTANCE_NAMESPACE), now: instance.current });
    for (const old of elementsOf(metadata, "instance", INSTANCE_NAMESPACE)) removeElement(old);
    const element = add(metadata, "instance", {
      uuid,
      appliance: instance.appliance,
      package: instance.package,
      created: instance.createdAt,
    });
    addGeneration(element, "current", instance.current);
    if (instance.previous !== undefined) addGeneration(element, "previous", instance.previous);
    if (instance.recipe !== undefined) {
      const { module, moduleVersion, puppet } = instance.recipe;
      add(element, "recipe", { module, version: moduleVersion, puppet });
    }
    if (instance.seed === undefined) return;
    const { path, target } = instance.seed;
    const seed = add(element, "seed", { path, target });
    for (const name of instance.seed.parameters) add(seed, "parameter", { name });
  });
}

function bad(element: XmlElement, what: string): ApplianceError {
  return new ApplianceError(
    "HOST_METADATA_BAD",
    `domain:${element.line}: <${element.name}> in the virt-appliance metadata has no usable ${what}`,
    { hint: "restore the definition, or rewrite it with virt-appliance adopt" },
  );
}

function text(element: XmlElement, name: string): string {
  const value = attributeOf(element, name);
  if (value === undefined || value === "") throw bad(element, name);
  return value;
}

function oneOf<T extends string>(element: XmlElement, name: string, values: readonly T[]): T {
  const found = values.find((value) => value === attributeOf(element, name));
  if (found === undefined) throw bad(element, name);
  return found;
}

function absolute(element: XmlElement, name: string): string {
  const value = text(element, name);
  if (!value.startsWith("/")) throw bad(element, name);
  return value;
}

function readBase(element: XmlElement): BaseReference {
  return { path: absolute(element, "base"), sha256: text(element, "sha256") };
}

function readFile(generation: XmlElement, name: "kernel" | "initrd"): InstanceFile | undefined {
  const element = childOf(generation, name);
  return element === undefined
    ? undefined
    : { path: absolute(element, "path"), base: readBase(element) };
}

function readTexts(generation: XmlElement): DomainTexts {
  const [title, description] = [
    childText(generation, "title"),
    childText(generation, "description"),
  ];
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
}

function readGeneration(element: XmlElement): Generation {
  const boot = Number(attributeOf(element, "boot") ?? 0);
  if (!Number.isSafeInteger(boot) || boot < 0) throw bad(element, "boot");
  return {
    version: text(element, "version"),
    release: text(element, "release"),
    since: text(element, "since"),
    boot,
    disks: childrenOf(element, "disk").map((disk) => {
      const kind = oneOf(disk, "kind", kinds);
      const layers = childrenOf(disk, "layer").map((layer) => ({
        path: absolute(layer, "path"),
        format: oneOf(layer, "format", ["qcow2", "raw"] as const),
      }));
      return {
        id: text(disk, "id"),
        role: oneOf(disk, "role", roles),
        kind,
        path: absolute(disk, "path"),
        format: oneOf(disk, "format", shippedFormatNames),
        target: text(disk, "target"),
        base: kind === "empty" ? undefined : readBase(disk),
        ...(layers.length === 0 ? {} : { layers }),
      };
    }),
    kernel: readFile(element, "kernel"),
    initrd: readFile(element, "initrd"),
    definition: attributeOf(element, "definition"),
    ...readTexts(element),
  };
}

function readRecipe(instance: XmlElement): RecipeOrigin | undefined {
  const element = childOf(instance, "recipe");
  if (element === undefined) return undefined;
  return {
    module: text(element, "module"),
    moduleVersion: text(element, "version"),
    puppet: oneOf(element, "puppet", ["server", "masterless"]),
  };
}

function instanceElement(domain: XmlElement): XmlElement | undefined {
  const metadata = childOf(domain, "metadata");
  return metadata === undefined ? undefined : childOf(metadata, "instance", INSTANCE_NAMESPACE);
}

/**
 * Returns whether the virt-appliance metadata in a domain was written for another domain: virt-clone copies it
 * unchanged.
 */
export function isForeign(domain: XmlElement): boolean {
  const element = instanceElement(domain);
  const uuid = element && attributeOf(element, "uuid");
  return uuid !== undefined && plainUuid(uuid) !== plainUuid(childText(domain, "uuid") ?? "");
}

function foreign(domain: XmlElement, found: string): ApplianceError {
  const name = childText(domain, "name") ?? "domain";
  return new ApplianceError(
    "HOST_METADATA_FOREIGN",
    `${name}: carries the metadata of another VM (clone?): UUID ${found}, expected ${childText(domain, "uuid") ?? "UUID"}`,
    { hint: `${toolCommand("adopt", name)} makes it an independent VM` },
  );
}

/** Returns package and version of a clone's original; undefined for other domains. */
export function originOfClone(
  domainXml: string,
): (Pick<Generation, "version" | "release"> & Pick<Instance, "package">) | undefined {
  const domain = parseXml(domainXml, "domain", limits);
  const element = instanceElement(domain);
  const current = element && childOf(element, "current");
  if (element === undefined || current === undefined || !isForeign(domain)) return undefined;
  return {
    package: attributeOf(element, "package") ?? "",
    version: attributeOf(current, "version") ?? "",
    release: attributeOf(current, "release") ?? "",
  };
}

/**
 * Reads the appliance metadata in a domain's XML; undefined if it was not created from an appliance.
 *
 * @param definition  text, or the tree that `readDomainXml` returned
 * @throws ApplianceError `HOST_METADATA_BAD` if the metadata cannot be read; `HOST_METADATA_FOREIGN` if it was written
 *   for another domain: its files do not belong to this one
 */
export function readInstance(definition: string | XmlElement): Instance | undefined {
  const domain =
    typeof definition === "string" ? parseXml(definition, "domain", limits) : definition;
  const element = instanceElement(domain);
  if (element === undefined) return undefined;
  const uuid = text(element, "uuid");
  if (isForeign(domain)) throw foreign(domain, uuid);
  const current = childOf(element, "current");
  if (current === undefined) throw bad(element, "<current>");
  const previous = childOf(element, "previous");
  const seed = childOf(element, "seed");
  const recipe = readRecipe(element);
  return {
    appliance: text(element, "appliance"),
    package: text(element, "package"),
    createdAt: text(element, "created"),
    current: readGeneration(current),
    previous: previous === undefined ? undefined : readGeneration(previous),
    seed:
      seed === undefined
        ? undefined
        : {
            path: absolute(seed, "path"),
            target: text(seed, "target"),
            parameters: childrenOf(seed, "parameter").map((each) => text(each, "name")),
          },
    ...(recipe === undefined ? {} : { recipe }),
  };
}
