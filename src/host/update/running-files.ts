import { parseXml } from "../../lib/xml/parse.ts";
import type { XmlElement } from "../../lib/xml/tree.ts";
import type { Libvirt } from "../../libvirt/index.ts";

/** Returns every absolute path in a document, in any element or attribute. */
function pathsIn(element: XmlElement): readonly string[] {
  const values = [element.text.trim(), ...element.attributes.map(({ value }) => value)];
  return [...values.filter((value) => value.startsWith("/")), ...element.children.flatMap(pathsIn)];
}

/**
 * Returns the files of a running VM: its disks with all backing files, and its boot files. A VM that was redefined
 * since its start uses its old files. Empty if it is off.
 */
export async function readRunningFiles(libvirt: Libvirt, vm: string): Promise<ReadonlySet<string>> {
  const live = await libvirt.dumpLive(vm);
  if (live === undefined) return new Set();
  const { children } = parseXml(live, vm, { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 });
  // Metadata may name unused files, such as those of the rollback point.
  return new Set(children.filter(({ name }) => name !== "metadata").flatMap(pathsIn));
}
