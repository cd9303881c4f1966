import { attributeOf, type XmlElement } from "../lib/xml/tree.ts";
import { type Findings, quote, tag } from "./findings.ts";
import { DESCRIPTOR_NAMESPACE } from "./namespace.ts";

/**
 * Allowed content of an element. Names that start with `va:` are in the virt-appliance namespace, the others in none.
 */
interface Shape {
  readonly attributes?: readonly string[];
  readonly children?: Readonly<Record<string, Child>>;
  readonly text?: true;
}

interface Child extends Shape {
  readonly many?: true;
  /** Set for an element of an older dialect: its replacement, or undefined if it never had an effect. */
  readonly legacy?: { readonly instead: string | undefined };
}

const text: Child = { text: true };
const empty: Child = {};
const ignored: Child = { legacy: { instead: undefined } };
const feature: Child = { attributes: ["state"] };
const networkInterface: Child = { attributes: ["va:model"], many: true };

function legacy(shape: Child, instead: string): Child {
  return { ...shape, legacy: { instead } };
}

const boot: Child = {
  many: true,
  attributes: ["type"],
  children: {
    guest: {
      children: {
        arch: text,
        features: { children: { pae: feature, acpi: feature, apic: feature } },
        os_type: ignored,
      },
    },
    os: {
      children: {
        loader: { attributes: ["dev"], text: true },
        kernel: text,
        initrd: text,
        cmdline: text,
        type: ignored,
      },
    },
    drive: { many: true, attributes: ["disk", "target"] },
    disks: legacy(
      { children: { map: { many: true, attributes: ["file", "target"] } } },
      '<drive disk="..." target="..."/>',
    ),
  },
};

const disk: Child = {
  many: true,
  attributes: ["id", "file", "use", "size", "format", "va:bytes"],
  children: {
    checksum: { many: true, attributes: ["type"], text: true },
    partition: { many: true, legacy: { instead: undefined } },
  },
};

const image: Shape = {
  children: {
    name: { attributes: ["version", "release", "va:epoch"], text: true },
    label: text,
    description: text,
    "va:license": text,
    "va:url": text,
    "va:vendor": text,
    "va:packager": text,
    "va:changelog": text,
    "va:date": text,
    "va:package-list": text,
    "va:parameter": { many: true, attributes: ["name", "default", "required"], text: true },
    domain: {
      many: true,
      children: {
        boot,
        devices: {
          children: {
            vcpu: text,
            memory: { attributes: ["unit"], text: true },
            "va:minimum-memory": text,
            interface: networkInterface,
            graphics: empty,
          },
        },
        "va:firmware": text,
        "va:osinfo": text,
        vcpu: legacy(text, "<vcpu> in <devices>"),
        memory: legacy({ attributes: ["unit"], text: true }, "<memory> in <devices>"),
        interface: legacy(networkInterface, "<interface/> in <devices>"),
        graphics: legacy(empty, "<graphics/> in <devices>"),
      },
    },
    storage: { children: { disk } },
  },
};

/** Returns the name as {@link Shape} spells it; undefined for a foreign namespace. */
function keyOf(node: { readonly name: string; readonly namespace: string }): string | undefined {
  if (node.namespace === "") return node.name;
  return node.namespace === DESCRIPTOR_NAMESPACE ? `va:${node.name}` : undefined;
}

function checkChild(child: XmlElement, shape: Child | undefined, findings: Findings): void {
  if (shape === undefined) {
    findings.report(
      "unknown-element",
      `element ${tag(child.name)}: unknown, no effect`,
      child.line,
    );
  } else if (shape.legacy === undefined) {
    checkElement(child, shape, findings);
  } else if (shape.legacy.instead === undefined) {
    findings.report(
      "legacy-ignored",
      `element ${tag(child.name)}: no effect, leave it out`,
      child.line,
    );
  } else {
    findings.report(
      "legacy-form",
      `element ${tag(child.name)}: older form here, expected ${shape.legacy.instead}`,
      child.line,
    );
    checkElement(child, shape, findings);
  }
}

function checkElement(element: XmlElement, shape: Shape, findings: Findings): void {
  for (const attribute of element.attributes) {
    const key = keyOf(attribute);
    if (key !== undefined && shape.attributes?.includes(key) !== true) {
      findings.report(
        "unknown-attribute",
        `element ${tag(element.name)}: attribute ${quote(key)} is unknown, no effect`,
        element.line,
      );
    }
  }
  if (shape.text !== true && element.textLine !== undefined) {
    findings.report(
      "stray-text",
      `element ${tag(element.name)}: text ${quote(element.text.trim())} has no effect`,
      element.textLine,
    );
  }
  const seen = new Set<string>();
  for (const child of element.children) {
    const key = keyOf(child);
    if (key === undefined) continue;
    const known =
      shape.children !== undefined && Object.hasOwn(shape.children, key)
        ? shape.children[key]
        : undefined;
    if (known !== undefined && known.many !== true && seen.has(key)) {
      findings.report(
        "element-repeated",
        `element ${tag(child.name)}: appears a second time, expected once; the first counts`,
        child.line,
      );
    }
    seen.add(key);
    checkChild(child, known, findings);
  }
}

/** Reports everything in the document that the format does not allow, whether it is understood or ignored. */
export function checkGrammar(root: XmlElement, findings: Findings): void {
  checkElement(root, image, findings);
}

/**
 * Returns the trimmed value of an attribute in the virt-appliance namespace or in none. An empty value counts as
 * absent.
 */
export function valueOf(element: XmlElement, key: string): string | undefined {
  const own = key.startsWith("va:");
  const value = attributeOf(
    element,
    own ? key.slice("va:".length) : key,
    own ? DESCRIPTOR_NAMESPACE : "",
  )?.trim();
  return value === "" ? undefined : value;
}
