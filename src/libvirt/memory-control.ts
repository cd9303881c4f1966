import { ApplianceError } from "../errors.ts";
import type { DomainFacts, Libvirt, Pool, Volume } from "./libvirt.ts";
import { parseDomain } from "./parse-domain.ts";

/** A domain of the in-memory libvirt. */
export interface MemoryDomain {
  readonly name: string;
  readonly xml: string;
  readonly isActive: boolean;
  /** XML of the current run. Default: that of the next start. */
  readonly liveXml?: string;
  readonly facts: Partial<DomainFacts>;
}

/** State of an in-memory libvirt. */
export interface MemoryParts {
  readonly domains: Map<string, MemoryDomain>;
  readonly pools: Map<string, Pool & { readonly volumes: readonly Volume[] }>;
  /** Throws if the in-memory libvirt is unreachable. */
  readonly reach: () => void;
}

/** Returns the error for an unknown name. */
export function unknownInMemory(what: string, name: string): ApplianceError {
  return new ApplianceError("LIBVIRT_UNKNOWN", `memory: failed to get ${what} '${name}'`);
}

/** Methods of {@link Libvirt} that change domains, or return facts that change. */
export type LibvirtControl = Omit<
  Libvirt,
  | "capabilities"
  | "listDomains"
  | "surveyDomains"
  | "dumpXml"
  | "dumpDefinition"
  | "dumpLive"
  | "dumpAll"
  | "listPools"
  | "listVolumes"
  | "listNetworks"
>;

function domainAnswers(
  get: (name: string) => MemoryDomain,
): Pick<Libvirt, "domainFacts" | "guestAddresses" | "pingAgent"> {
  return {
    async domainFacts(name) {
      const { isActive, facts } = get(name);
      return {
        state: isActive ? "running" : "shut off",
        autostart: false,
        hasManagedSave: false,
        snapshots: [],
        blockJobs: [],
        ...facts,
        isActive,
      };
    },
    async guestAddresses(name) {
      get(name);
      return [];
    },
    async pingAgent(name) {
      get(name);
      return false;
    },
  };
}

function poolControl(
  pools: MemoryParts["pools"],
  reach: () => void,
): Pick<Libvirt, "refreshPool" | "forgetPool"> {
  return {
    async refreshPool(name) {
      reach();
      if (!pools.has(name)) throw unknownInMemory("pool", name);
    },
    async forgetPool(name) {
      reach();
      if (!pools.delete(name)) throw unknownInMemory("pool", name);
    },
  };
}

/** Returns the methods of an in-memory libvirt that change domains. */
export function memoryControl({ domains, pools, reach }: MemoryParts): LibvirtControl {
  const get = (name: string): MemoryDomain => {
    reach();
    const found = domains.get(name);
    if (found === undefined) throw unknownInMemory("domain", name);
    return found;
  };
  const put = (domain: MemoryDomain): void => void domains.set(domain.name, domain);
  return {
    ...domainAnswers(get),
    async defineDomain(xml) {
      reach();
      const { name, uuid } = parseDomain(xml);
      const old = domains.get(name);
      if (old !== undefined && parseDomain(old.xml).uuid !== uuid) {
        throw new ApplianceError(
          "LIBVIRT_FAILED",
          `memory: operation failed: domain '${name}' already exists with another uuid`,
        );
      }
      const facts = old?.facts ?? {};
      if (old?.isActive === true)
        put({ name, xml, isActive: true, liveXml: old.liveXml ?? old.xml, facts });
      else put({ name, xml, isActive: false, facts });
    },
    async undefineDomain(name, { uuid }) {
      reach();
      const found = domains.get(name);
      if (found === undefined) return;
      if (uuid === undefined || parseDomain(found.xml).uuid === uuid) domains.delete(name);
    },
    async startDomain(name) {
      const found = get(name);
      if (!found.isActive) put({ ...found, isActive: true, liveXml: found.xml });
    },
    async stopDomain(name) {
      reach();
      const found = domains.get(name);
      if (found !== undefined) put({ ...found, isActive: false });
    },
    async shutdownDomain(name) {
      put({ ...get(name), isActive: false });
    },
    async setAutostart(name, state) {
      const found = get(name);
      put({ ...found, facts: { ...found.facts, autostart: state === "on" } });
    },
    async resizeDisk(name, target) {
      if (!get(name).isActive) {
        throw new ApplianceError("LIBVIRT_FAILED", `memory: domain '${name}' is not running`);
      }
      if (!parseDomain(get(name).xml).disks.some((disk) => disk.target === target)) {
        throw new ApplianceError("LIBVIRT_FAILED", `memory: invalid path: ${target}`);
      }
    },
    ...poolControl(pools, reach),
  };
}
