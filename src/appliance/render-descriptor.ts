import { escapeAttribute, escapeText } from "../lib/xml/write.ts";
import { DISK_SIZE_UNIT_BYTES } from "./limits.ts";
import type { Appliance, Boot, BootOs, Disk } from "./model.ts";
import { DESCRIPTOR_NAMESPACE } from "./namespace.ts";
import { featureNames } from "./read-boot.ts";

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with what is in it: text on its own line, elements below each other, or nothing. */
interface Node {
  readonly name: string;
  readonly attributes: Attributes;
  readonly content: string | readonly Node[];
}

function node(name: string, content: Node["content"] = "", attributes: Attributes = {}): Node {
  return { name, attributes, content };
}

/** Returns the element when there is something to put in it. */
function maybe(name: string, content: string | number | undefined): readonly Node[] {
  return content === undefined || content === "" ? [] : [node(name, String(content))];
}

function renderNode({ name, attributes, content }: Node, indent: string): string {
  const said = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeAttribute(String(value))}"`);
  const open = `${indent}<${name}${said.join("")}`;
  if (content === "") return `${open}/>\n`;
  if (typeof content === "string") return `${open}>${escapeText(content)}</${name}>\n`;
  if (content.length === 0) return `${open}/>\n`;
  const inner = content.map((child) => renderNode(child, `${indent}  `)).join("");
  return `${open}>\n${inner}${indent}</${name}>\n`;
}

function usesNamespace({ name, attributes, content }: Node): boolean {
  if (name.startsWith("va:")) return true;
  if (
    Object.entries(attributes).some(([key, value]) => key.startsWith("va:") && value !== undefined)
  )
    return true;
  return typeof content !== "string" && content.some(usesNamespace);
}

function osNode(os: BootOs): Node {
  if (os.kind === "loader") return node("os", [node("loader", "", { dev: os.device })]);
  if (os.kind === "bootloader") return node("os", [node("loader", os.program)]);
  return node("os", [
    node("kernel", os.kernel),
    ...maybe("initrd", os.initrd),
    ...maybe("cmdline", os.cmdline),
  ]);
}

function bootNode(boot: Boot): Node {
  const features = featureNames
    .filter((name) => boot.features[name] !== undefined)
    .map((name) => node(name, "", { state: boot.features[name] === "off" ? "off" : undefined }));
  return node(
    "boot",
    [
      node("guest", [
        node("arch", boot.arch),
        ...(features.length === 0 ? [] : [node("features", features)]),
      ]),
      osNode(boot.os),
      ...boot.drives.map((drive) => node("drive", "", { disk: drive.disk, target: drive.target })),
    ],
    { type: boot.type },
  );
}

function diskNode(disk: Disk): Node {
  const { sizeBytes } = disk;
  const isWhole = sizeBytes === undefined || sizeBytes % DISK_SIZE_UNIT_BYTES === 0;
  return node(
    "disk",
    disk.checksums.map(({ type, value }) => node("checksum", value, { type })),
    {
      id: disk.id === disk.file ? undefined : disk.id,
      file: disk.file,
      use: disk.role,
      size: sizeBytes === undefined ? undefined : Math.ceil(sizeBytes / DISK_SIZE_UNIT_BYTES),
      format: disk.format,
      "va:bytes": isWhole ? undefined : sizeBytes,
    },
  );
}

function metadataNodes(appliance: Appliance): Node[] {
  const { dateSeconds } = appliance;
  const date =
    dateSeconds === undefined
      ? undefined
      : new Date(dateSeconds * 1000).toISOString().replace(".000Z", "Z");
  return [
    node("name", appliance.name, {
      version: appliance.version,
      release: appliance.release,
      "va:epoch": appliance.epoch,
    }),
    ...maybe("label", appliance.label),
    ...maybe("description", appliance.description),
    ...maybe("va:license", appliance.license),
    ...maybe("va:url", appliance.url),
    ...maybe("va:vendor", appliance.vendor),
    ...maybe("va:packager", appliance.packager),
    ...maybe("va:changelog", appliance.changelog),
    ...maybe("va:date", date),
    ...maybe("va:package-list", appliance.packageList),
    ...appliance.parameters.map((parameter) =>
      node("va:parameter", parameter.description ?? "", {
        name: parameter.name,
        default: parameter.default,
        required: parameter.required ? "yes" : undefined,
      }),
    ),
  ];
}

function domainNode(appliance: Appliance): Node {
  return node("domain", [
    ...appliance.boots.map(bootNode),
    node("devices", [
      node("vcpu", String(appliance.vcpu)),
      ...maybe("memory", appliance.memoryKiB),
      ...maybe("va:minimum-memory", appliance.minimumMemoryKiB),
      ...appliance.interfaces.map(({ model }) => node("interface", "", { "va:model": model })),
      ...(appliance.graphics ? [node("graphics")] : []),
    ]),
    ...maybe("va:firmware", appliance.firmware),
    ...maybe("va:osinfo", appliance.osinfo),
  ]);
}

/**
 * Returns the one canonical form of an appliance's descriptor: the same bytes for equal appliances, line feeds only,
 * one at the end. The additions' namespace is declared when one of its elements is used. What the model does not have
 * (comments, unknown elements, the order of features) is left out.
 *
 * @throws ApplianceError `LIB_XML_CHARACTER` for text that XML cannot hold; `validateAppliance` finds it before
 */
export function renderDescriptor(appliance: Appliance): string {
  const content = [
    ...metadataNodes(appliance),
    domainNode(appliance),
    node("storage", appliance.disks.map(diskNode)),
  ];
  const ours = content.some(usesNamespace);
  const root = node("image", content, { "xmlns:va": ours ? DESCRIPTOR_NAMESPACE : undefined });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderNode(root, "")}`;
}
