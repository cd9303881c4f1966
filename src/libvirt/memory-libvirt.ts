import { ApplianceError } from "../errors.ts";
import {
  documentsOf,
  type DomainDump,
  type DomainFacts,
  type Libvirt,
  type Network,
  type Pool,
  type Volume,
} from "./libvirt.ts";
import {
  type LibvirtControl,
  memoryControl,
  type MemoryDomain,
  type MemoryParts,
  unknownInMemory,
} from "./memory-control.ts";
import { parseCapabilities } from "./parse-capabilities.ts";
import { parseDomain } from "./parse-domain.ts";

/** Initial state of an in-memory libvirt. */
export interface MemoryLibvirtState {
  /** XML as `virsh capabilities` prints it. Default: a host without any capabilities. */
  readonly capabilities?: string;
  /** Domains. Default: none. */
  readonly domains?: readonly {
    readonly xml: string;
    readonly isActive?: boolean;
    /** Facts besides the XML. Default: none. */
    readonly facts?: Partial<DomainFacts>;
    /** XML of its snapshots. Default: none. */
    readonly snapshots?: readonly string[];
  }[];
  readonly networks?: readonly Network[];
  readonly pools?: readonly (Pool & { readonly volumes: readonly Volume[] })[];
  /** Makes every call fail as if no daemon responded. */
  readonly isUnreachable?: boolean;
}

type PoolReader = "listPools" | "listVolumes" | "listNetworks";

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function domainsOf(state: MemoryLibvirtState): Map<string, MemoryDomain> {
  return new Map(
    (state.domains ?? []).map(({ xml, isActive = false, facts = {} }) => {
      const { name } = parseDomain(xml);
      return [name, { name, xml, isActive, facts }];
    }),
  );
}

function snapshotsOf(state: MemoryLibvirtState): ReadonlyMap<string, readonly string[]> {
  const all = (state.domains ?? []).map(({ xml, snapshots = [] }) => ({ xml, snapshots }));
  return new Map(all.map(({ xml, snapshots }) => [parseDomain(xml).name, snapshots]));
}

/** Returns the methods of an in-memory libvirt that read domains. */
function domainReaders({
  domains,
  snapshots,
  reach,
}: Pick<MemoryParts, "domains" | "reach"> & {
  readonly snapshots: ReadonlyMap<string, readonly string[]>;
}): Omit<Libvirt, keyof LibvirtControl | "capabilities" | PoolReader> {
  const dump = (domain: string): DomainDump => {
    reach();
    const found = domains.get(domain);
    if (found === undefined) throw unknownInMemory("domain", domain);
    const { name, xml, isActive } = found;
    return {
      name,
      uuid: parseDomain(xml).uuid,
      isActive,
      xml,
      liveXml: isActive ? (found.liveXml ?? xml) : undefined,
      snapshots: snapshots.get(name) ?? [],
    };
  };
  const all = (): readonly DomainDump[] => {
    reach();
    return [...domains.keys()].map(dump).sort(byName);
  };
  return {
    listDomains: async () => all().map(({ name, isActive }) => ({ name, isActive })),
    surveyDomains: async ({ depth, onProgress }) => {
      const dumps = all();
      onProgress?.({ done: dumps.length, total: dumps.length });
      const nothing = { liveXml: undefined, snapshots: [] };
      const isAll = depth === "everything";
      return { domains: isAll ? dumps : dumps.map((d) => ({ ...d, ...nothing })), failures: [] };
    },
    dumpXml: async (domain) => dump(domain).xml,
    dumpDefinition: async (domain) => dump(domain).xml,
    dumpLive: async (domain) => {
      reach();
      return domains.has(domain) ? dump(domain).liveXml : undefined;
    },
    dumpAll: async (domain) => documentsOf(dump(domain)),
  };
}

/** Returns an in-memory libvirt that behaves like a real one. */
export function openMemoryLibvirt(state: MemoryLibvirtState = {}): Libvirt {
  const domains = domainsOf(state);
  const snapshots = snapshotsOf(state);
  const pools = new Map((state.pools ?? []).map((pool) => [pool.name, pool] as const));
  const reach = (): void => {
    if (state.isUnreachable !== true) return;
    throw new ApplianceError("LIBVIRT_UNREACHABLE", "memory: libvirt does not respond");
  };
  return {
    async capabilities() {
      reach();
      return parseCapabilities(state.capabilities ?? "<capabilities/>");
    },
    ...domainReaders({ domains, snapshots, reach }),
    async listPools() {
      reach();
      return [...pools.values()]
        .map(({ name, isActive, type, targetPath }) => ({ name, isActive, type, targetPath }))
        .sort(byName);
    },
    async listVolumes(pool) {
      reach();
      const found = pools.get(pool);
      if (found === undefined) throw unknownInMemory("pool", pool);
      if (!found.isActive) {
        throw new ApplianceError("LIBVIRT_FAILED", `memory: storage pool '${pool}' is not active`);
      }
      return [...found.volumes].sort(byName);
    },
    async listNetworks() {
      reach();
      return [...(state.networks ?? [])].sort(byName);
    },
    ...memoryControl({ domains, pools, reach }),
  };
}
