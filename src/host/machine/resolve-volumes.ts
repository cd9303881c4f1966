import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import type { Domain, DomainDisk, Libvirt, Pool } from "../../libvirt/index.ts";

/** Returns the path of a volume, `POOL/NAME`; undefined if libvirt does not know it. */
export async function volumePath(
  libvirt: Libvirt,
  pools: readonly Pool[],
  source: string,
): Promise<string | undefined> {
  const cut = source.indexOf("/");
  const name = source.slice(cut + 1);
  const pool = pools.find((each) => each.name === source.slice(0, cut));
  if (pool === undefined) return undefined;
  const volumes = pool.isActive ? await libvirt.listVolumes(pool.name) : [];
  const known = volumes.find((volume) => volume.name === name)?.path;
  if (known !== undefined) return known;
  const isFolder = ["dir", "fs", "netfs"].includes(pool.type);
  return isFolder && pool.targetPath !== undefined ? path.join(pool.targetPath, name) : undefined;
}

/** Returns all pools; empty if libvirt has no pools. */
export async function poolsOf(libvirt: Libvirt): Promise<readonly Pool[]> {
  return libvirt.listPools().catch((error: unknown) => {
    if (error instanceof ApplianceError && error.code === "LIBVIRT_FAILED") return [];
    throw error;
  });
}

/** Returns a domain with file names instead of pool volumes; libvirt accepts both. */
export async function resolveVolumes(libvirt: Libvirt, domain: Domain): Promise<Domain> {
  if (!domain.disks.some((disk) => disk.sourceType === "volume")) return domain;
  const pools = await poolsOf(libvirt);
  const disks: DomainDisk[] = [];
  for (const disk of domain.disks) {
    const isVolume = disk.sourceType === "volume" && disk.source !== undefined;
    const file = isVolume ? await volumePath(libvirt, pools, disk.source) : undefined;
    const sourceType = file?.startsWith("/dev/") === true ? "block" : "file";
    disks.push(file === undefined ? disk : { ...disk, sourceType, source: file });
  }
  return { ...domain, disks };
}
