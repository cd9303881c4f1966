import { parseXml } from "../../lib/xml-parse.ts";
import type { XmlElement } from "../../lib/xml-tree.ts";
import type { Libvirt } from "../../libvirt/index.ts";

/** Returns every absolute path in a document, in any element or attribute. */
function pathsIn(element: XmlElement): readonly string[] {
  const values = [element.text.trim(), ...element.attributes.map(({ value }) => value)];
  return [...values.filter((value) => value.startsWith("/")), ...element.children.flatMap(pathsIn)];
}

/**
 * Returns the files that a VM runs on: its disks with all that these rest on, and what it booted from. One that was
 * redefined since its start runs on what it had then. None: it is off.
 */
export async function readRunningFiles(libvirt: Libvirt, vm: string): Promise<ReadonlySet<string>> {
  const live = await libvirt.dumpLive(vm);
  if (live === undefined) return new Set();
  const { children } = parseXml(live, vm, { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 });
  // Metadata tell of more than is in use: ours of what can be rolled back to.
  return new Set(children.filter(({ name }) => name !== "metadata").flatMap(pathsIn));
}
