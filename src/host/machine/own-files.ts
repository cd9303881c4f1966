import { attributeOf, childOf, childrenOf, type XmlElement } from "../../lib/xml/tree.ts";
import { parseXml } from "../../lib/xml/parse.ts";
import type { HostAccess } from "../access/host-access.ts";
import { type Chain, readChain } from "./real-chain.ts";
import { poolsOf, volumePath } from "./resolve-volumes.ts";

/** A disk in one of a domain's documents: next start, present run or snapshot. */
export interface DiskUse {
  /** Device name; undefined if the document has none. */
  readonly target: string | undefined;
  /** True if it is a hard disk, not a CD-ROM. */
  readonly isHardDisk: boolean;
  /** True if the document is of a snapshot. */
  readonly isSnapshot: boolean;
  readonly file: string;
  readonly chain: Chain;
}

interface Named {
  readonly element: XmlElement;
  readonly disk: XmlElement;
}

/** Returns the files of a disk: its source, the backing files in its definition, and the target of a running copy. */
function sourcesOf(disk: XmlElement, inside: XmlElement = disk): readonly Named[] {
  const own = childrenOf(inside, "source").map((element) => ({ element, disk: inside }));
  const below = [...childrenOf(inside, "backingStore"), ...childrenOf(inside, "mirror")];
  return [...own, ...below.flatMap((each) => sourcesOf(disk, each))];
}

/** Returns the `<disk>` elements of a document, without those in metadata, which may be unused. */
function disksIn(element: XmlElement): readonly XmlElement[] {
  const own = element.name === "disk" ? [element] : [];
  const children = element.children.filter(({ name }) => name !== "metadata");
  return [...own, ...children.flatMap(disksIn)];
}

function isRaw({ disk }: Named): boolean {
  const format = childOf(disk, "driver") ?? childOf(disk, "format");
  return format !== undefined && attributeOf(format, "type") === "raw";
}

/**
 * Returns every disk of a domain with its backing files, in all of libvirt's documents about the domain, which differ
 * after a snapshot or an edit of a running domain.
 */
export async function readDiskUses(
  host: Pick<HostAccess, "libvirt" | "paths">,
  vm: string,
): Promise<readonly DiskUse[]> {
  const { libvirt, paths } = host;
  const uses: DiskUse[] = [];
  const limits = { maxBytes: 32 * 1024 * 1024, maxNodes: 1_000_000 };
  const pools = await poolsOf(libvirt);
  for (const document of await libvirt.dumpAll(vm)) {
    const root = parseXml(document, vm, limits);
    for (const disk of disksIn(root)) {
      const target = childOf(disk, "target");
      const named = target === undefined ? attributeOf(disk, "name") : attributeOf(target, "dev");
      const isHardDisk = ["disk", "lun"].includes(attributeOf(disk, "device") ?? "disk");
      for (const each of sourcesOf(disk)) {
        const pool = attributeOf(each.element, "pool");
        const file =
          attributeOf(each.element, "file") ??
          attributeOf(each.element, "dev") ??
          (pool === undefined
            ? undefined
            : await volumePath(libvirt, pools, `${pool}/${attributeOf(each.element, "volume")}`));
        if (file === undefined || !file.startsWith("/")) continue;
        const chain = await readChain(file, { baseDir: paths.baseDir, isRaw: isRaw(each) });
        const isSnapshot = root.name === "domainsnapshot";
        uses.push({ target: named, isHardDisk, isSnapshot, file, chain });
      }
    }
  }
  return uses;
}

/** Returns those of the files that a VM itself needs, by name. */
export function neededByItself(
  files: readonly { readonly path: string; readonly identity: string | undefined }[],
  uses: readonly Pick<DiskUse, "file" | "chain">[],
): readonly string[] {
  return files
    .filter(({ path, identity }) =>
      uses.some(
        ({ file, chain }) =>
          file === path ||
          chain.missing === path ||
          chain.layers.some(
            (each) => each.path === path || (identity !== undefined && each.identity === identity),
          ),
      ),
    )
    .map(({ path }) => path);
}
