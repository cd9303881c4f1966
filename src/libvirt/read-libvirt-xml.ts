import { ApplianceError } from "../errors.ts";
import { attributeOf, type XmlElement } from "../lib/xml/tree.ts";
import { parseXml } from "../lib/xml/parse.ts";

/** libvirt sends texts of at most 4 MiB (REMOTE_STRING_MAX). Reading one takes less than a second. */
const limits = { maxBytes: 4 * 1024 * 1024, maxNodes: 125_000 };

/** Factors of libvirt's units of size, in bytes; lower case, as libvirt compares them without case. */
const unitBytes: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 1000,
  k: 1024,
  kib: 1024,
  mb: 1000 ** 2,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1000 ** 3,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  tb: 1000 ** 4,
  t: 1024 ** 4,
  tib: 1024 ** 4,
};

/**
 * Returns the root element of a libvirt document. The document is checked like any untrusted input.
 *
 * @param document  text, or a tree that this function returned, which is not parsed again
 * @throws ApplianceError `LIBVIRT_UNEXPECTED` when the root is another element; as `parseXml` for what is not XML
 */
export function readLibvirtXml(
  document: string | Uint8Array | XmlElement,
  expectedRoot: string,
  origin: string,
): XmlElement {
  const isText = typeof document === "string" || document instanceof Uint8Array;
  const root = isText ? parseXml(document, origin, limits) : document;
  if (root.name === expectedRoot && root.namespace === "") return root;
  throw new ApplianceError(
    "LIBVIRT_UNEXPECTED",
    `${origin}:${root.line}: root element is <${root.name.slice(0, 80)}>, expected <${expectedRoot}>`,
  );
}

/** Returns a size in KiB, rounded down; undefined if it is not a size. Default unit: KiB. */
export function readKiB(element: XmlElement | undefined): number | undefined {
  const text = element?.text.trim() ?? "";
  if (element === undefined || !/^[0-9]{1,20}$/.test(text)) return undefined;
  const unit = (attributeOf(element, "unit") ?? "KiB").toLowerCase();
  const factor = Object.hasOwn(unitBytes, unit) ? unitBytes[unit] : undefined;
  return factor === undefined ? undefined : Math.floor((Number(text) * factor) / 1024);
}

/** Returns a whole number, undefined for anything else. */
export function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}
