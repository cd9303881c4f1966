import { attributeOf, childOf, childText } from "../lib/xml/tree.ts";
import type { Pool } from "./libvirt.ts";
import { readLibvirtXml } from "./read-libvirt-xml.ts";

/** Returns the name, type and target path of a storage pool from its XML. */
export function parsePool(
  document: string | Uint8Array,
  origin: string,
): Pick<Pool, "name" | "type" | "targetPath"> {
  const root = readLibvirtXml(document, "pool", origin);
  const target = childOf(root, "target");
  return {
    name: childText(root, "name") ?? "",
    type: attributeOf(root, "type") ?? "",
    targetPath: target === undefined ? undefined : childText(target, "path"),
  };
}
