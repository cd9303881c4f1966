import { parseXml } from "../../lib/xml-parse.ts";
import type { XmlElement } from "../../lib/xml-tree.ts";
import type { Libvirt } from "../../libvirt/index.ts";

/** Answers every absolute path in a document, in whatever element or attribute. */
function pathsIn(element: XmlElement): readonly string[] {
  const values = [element.text.trim(), ...element.attributes.map(({ value }) => value)];
  return [...values.filter((value) => value.startsWith("/")), ...element.children.flatMap(pathsIn)];
}

/**
 * Answers which domains run on which files: their disks with all that these rest on, and what they booted from. A
 * domain that was redefined since its start runs on what it had then.
 */
export async function findRunning(
  libvirt: Libvirt,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const running = new Map<string, ReadonlySet<string>>();
  const limits = { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 };
  for (const { name, isActive } of await libvirt.listDomains()) {
    const live = isActive ? await libvirt.dumpLive(name) : undefined;
    if (live === undefined) continue;
    // Metadata tell of more than is in use: ours of what can be rolled back to.
    const parts = parseXml(live, name, limits).children.filter(({ name: n }) => n !== "metadata");
    running.set(name, new Set(parts.flatMap(pathsIn)));
  }
  return running;
}
