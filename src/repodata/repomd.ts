import { ApplianceError } from "../errors.ts";
import { parseXml } from "../lib/xml/parse.ts";
import { escapeText } from "../lib/xml/write.ts";
import type { XmlElement } from "../lib/xml/tree.ts";

/** Largest repomd.xml that is read. */
export const MAX_REPOMD_BYTES: number = 1024 * 1024;
const NAMESPACE = "http://linux.duke.edu/metadata/repo";

/** A metadata file in repomd.xml. */
export interface MetadataFile {
  /** `primary`, `filelists`, `other`, ... */
  readonly type: string;
  /** Path below the repository's root. */
  readonly location: string;
  /** Digest of the file, lower-case hex. */
  readonly checksum: Checksum;
  /** Digest of its uncompressed content, if it is compressed. */
  readonly openChecksum?: Checksum;
  readonly timestampSeconds: number;
  readonly sizeBytes: number;
  readonly openSizeBytes?: number;
}

/** A digest with its algorithm. */
export interface Checksum {
  readonly type: "sha256" | "sha512" | "sha1";
  readonly hex: string;
}

/** Content of repomd.xml, the entry point to all metadata of a repository. */
export interface Repomd {
  /** Free text by its schema; virt-appliance writes Unix seconds. */
  readonly revision: string;
  readonly files: readonly MetadataFile[];
}

function renderFile(file: MetadataFile): string {
  const { checksum, openChecksum, openSizeBytes } = file;
  return [
    `  <data type="${escapeText(file.type)}">\n`,
    `    <checksum type="${checksum.type}">${checksum.hex}</checksum>\n`,
    openChecksum === undefined
      ? ""
      : `    <open-checksum type="${openChecksum.type}">${openChecksum.hex}</open-checksum>\n`,
    `    <location href="${escapeText(file.location)}"/>\n`,
    `    <timestamp>${file.timestampSeconds}</timestamp>\n`,
    `    <size>${file.sizeBytes}</size>\n`,
    openSizeBytes === undefined ? "" : `    <open-size>${openSizeBytes}</open-size>\n`,
    "  </data>\n",
  ].join("");
}

/** Returns repomd.xml as createrepo_c writes it. */
export function renderRepomd(repomd: Repomd): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<repomd xmlns="${NAMESPACE}" xmlns:rpm="http://linux.duke.edu/metadata/rpm">\n`,
    `  <revision>${escapeText(repomd.revision)}</revision>\n`,
    ...repomd.files.map(renderFile),
    "</repomd>\n",
  ].join("");
}

function damaged(origin: string, fact: string): ApplianceError {
  return new ApplianceError("REPODATA_DAMAGED", `${origin}: ${fact}`);
}

function child(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((one) => one.namespace === NAMESPACE && one.name === name);
}

function parseChecksum(element: XmlElement, origin: string): Checksum {
  const type = element.attributes.find((one) => one.name === "type")?.value;
  const hex = element.text.trim();
  const known = type === "sha256" || type === "sha512" || type === "sha1";
  if (!known || !/^[0-9a-f]{40,128}$/.test(hex)) {
    throw damaged(
      `${origin}:${element.line}`,
      `checksum of type "${type ?? ""}", expected sha256, sha512 or sha1 in lower-case hex`,
    );
  }
  return { type, hex };
}

function parseNumber(element: XmlElement, origin: string): number {
  const text = element.text.trim();
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.floor(value))) {
    return Math.floor(value);
  }
  throw damaged(`${origin}:${element.line}`, `<${element.name}> is "${text}", expected a number`);
}

function parseFile(data: XmlElement, origin: string): MetadataFile {
  const need = (name: string): XmlElement => {
    const found = child(data, name);
    if (found !== undefined) return found;
    throw damaged(`${origin}:${data.line}`, `<data> has no <${name}>`);
  };
  const type = data.attributes.find((one) => one.name === "type")?.value ?? "";
  const location = need("location").attributes.find((one) => one.name === "href")?.value ?? "";
  // Clients abort or refuse metadata in any other place.
  if (!/^repodata\/[A-Za-z0-9._-]+$/.test(location)) {
    throw damaged(`${origin}:${data.line}`, `location "${location}", expected a file in repodata/`);
  }
  const openChecksum = child(data, "open-checksum");
  const openSize = child(data, "open-size");
  return {
    type,
    location,
    checksum: parseChecksum(need("checksum"), origin),
    ...(openChecksum === undefined ? {} : { openChecksum: parseChecksum(openChecksum, origin) }),
    timestampSeconds: parseNumber(need("timestamp"), origin),
    sizeBytes: parseNumber(need("size"), origin),
    ...(openSize === undefined ? {} : { openSizeBytes: parseNumber(openSize, origin) }),
  };
}

/**
 * Returns the content of a repomd.xml.
 *
 * @param origin  name of the document in messages
 * @throws ApplianceError `REPODATA_DAMAGED`, or as lib/xml for malformed XML
 */
export function parseRepomd(document: Uint8Array, origin: string): Repomd {
  const root = parseXml(document, origin, { maxBytes: MAX_REPOMD_BYTES });
  if (root.name !== "repomd" || root.namespace !== NAMESPACE) {
    throw damaged(`${origin}:${root.line}`, `root is <${root.name}>, expected <repomd>`);
  }
  const files = root.children
    .filter((one) => one.name === "data" && one.namespace === NAMESPACE)
    .map((data) => parseFile(data, origin));
  const twice = files.find((file, i) => files.findIndex((one) => one.type === file.type) !== i);
  if (twice !== undefined) throw damaged(origin, `has two files of type ${twice.type}`);
  return { revision: child(root, "revision")?.text.trim() ?? "", files };
}
