import type { ApplianceError } from "../errors.ts";
import type { Capabilities } from "./parse-capabilities.ts";

/** A domain as a list shows it. */
export interface DomainEntry {
  readonly name: string;
  readonly isActive: boolean;
}

/** A storage pool. */
export interface Pool {
  readonly name: string;
  readonly isActive: boolean;
  /** `dir`, `logical`, `rbd`, ... */
  readonly type: string;
  /** Folder or device; undefined for pools without one. */
  readonly targetPath: string | undefined;
}

/** A volume of a storage pool. */
export interface Volume {
  readonly name: string;
  readonly path: string;
}

/** A virtual network. */
export interface Network {
  readonly name: string;
  readonly isActive: boolean;
}

/** What stands besides a domain's XML. */
export interface DomainFacts {
  /** Also when it crashed and libvirt keeps it as it was: it must be destroyed before it can start. */
  readonly isActive: boolean;
  /** As libvirt words it: `running`, `shut off`, `paused`, `crashed`. */
  readonly state: string;
  /** Whether it is started with the host. */
  readonly autostart: boolean;
  /** Whether a saved run waits to be resumed: its disks must not change meanwhile. */
  readonly hasManagedSave: boolean;
  /** Names of libvirt's snapshots, internal and external. */
  readonly snapshots: readonly string[];
  /** Target names of the disks on which a block job is active. */
  readonly blockJobs: readonly string[];
}

/** All that libvirt keeps about a domain. */
export interface DomainDump {
  readonly name: string;
  readonly uuid: string | undefined;
  readonly isActive: boolean;
  /** XML as it will be at its next start, as of `dumpXml`. */
  readonly xml: string;
  /** XML of the present run, as of `dumpLive`; undefined as well when it was not asked for. */
  readonly liveXml: string | undefined;
  /** XML of each snapshot; none as well when they were not asked for. */
  readonly snapshots: readonly string[];
}

/** A domain that exists and could not be read, or not completely. */
export interface DomainFailure {
  /** Its name, or its UUID if the name is not known. */
  readonly domain: string;
  readonly error: ApplianceError;
  /** UUID, and XML as it will be at its next start; undefined if that is what could not be read. */
  readonly definition?: { readonly uuid: string; readonly xml: string } | undefined;
}

/** All domains at one time. */
export interface DomainSurvey {
  /** By name. */
  readonly domains: readonly DomainDump[];
  readonly failures: readonly DomainFailure[];
}

/** What is read of all domains. */
export interface SurveyOptions {
  /** `everything`: also the present run and the snapshots. */
  readonly depth: "next start" | "everything";
  /** Told of what has been read, and of how much; it may begin anew. */
  readonly onProgress?: (state: { readonly done: number; readonly total: number }) => void;
}

/** Returns every XML that libvirt keeps about a domain, as `dumpAll` does. */
export function documentsOf({ xml, liveXml, snapshots }: DomainDump): readonly string[] {
  return [xml, ...(liveXml === undefined ? [] : [liveXml]), ...snapshots];
}

/** How a domain is forgotten. */
export interface UndefineOptions {
  readonly state: "keep" | "remove";
  readonly uuid?: string | undefined;
}

/**
 * What we need of libvirt. Returns are as of the call; names are compared as they stand.
 *
 * Every method throws ApplianceError `LIBVIRT_UNREACHABLE` when libvirt cannot be connected to, `LIBVIRT_TIMEOUT` when
 * it does not answer in time, `LIBVIRT_DENIED` when it does not let the user in, `LIBVIRT_UNKNOWN` when it does not know
 * the domain or pool, `LIBVIRT_FAILED` when it refuses for another reason.
 */
export interface Libvirt {
  /** What the host can run. */
  capabilities(): Promise<Capabilities>;
  /** All domains, active or not, ordered by name. */
  listDomains(): Promise<readonly DomainEntry[]>;
  /**
   * Reads all domains, active or not, in a few calls whose number does not grow with theirs. One that is undefined
   * meanwhile is left out.
   */
  surveyDomains(options: SurveyOptions): Promise<DomainSurvey>;
  /** XML of a domain as it will be at its next start, without what belongs to the present run. */
  dumpXml(domain: string): Promise<string>;
  /** As `dumpXml`, with the passwords in it: what `defineDomain` takes without losing any. */
  dumpDefinition(domain: string): Promise<string>;
  /** XML of the present run of a domain; undefined when it is not active, or not there. */
  dumpLive(domain: string): Promise<string | undefined>;
  /** Every XML that libvirt keeps about a domain: of the next start, of the present run, of each snapshot. */
  dumpAll(domain: string): Promise<readonly string[]>;
  /** All pools, active or not, ordered by name. */
  listPools(): Promise<readonly Pool[]>;
  /** Volumes of an active pool, ordered by name. */
  listVolumes(pool: string): Promise<readonly Volume[]>;
  /** All virtual networks, active or not, ordered by name. */
  listNetworks(): Promise<readonly Network[]>;
  domainFacts(domain: string): Promise<DomainFacts>;
  /**
   * Addresses of a running domain that other machines can reach, each once; none when none is known.
   *
   * @param from  `leases`: those that the host's networks gave to it; `anywhere`: also those that its guest agent tells
   *   and those in the host's ARP table, which may be of an earlier run
   */
  guestAddresses(domain: string, from: "leases" | "anywhere"): Promise<readonly string[]>;
  /** Whether the guest agent inside a running domain answers. */
  pingAgent(domain: string): Promise<boolean>;

  /** Defines a domain, or redefines the one of the same name and UUID. */
  defineDomain(xml: string): Promise<void>;
  /**
   * Forgets an inactive domain; one that is not there is fine.
   *
   * @param options.state  what becomes of its firmware variables and TPM state
   * @param options.uuid  of the one that is meant; another domain of that name then stays
   */
  undefineDomain(domain: string, options: UndefineOptions): Promise<void>;
  /** Starts a domain; one that is active is fine. */
  startDomain(domain: string): Promise<void>;
  /** Cuts the power of a domain; one that is not active, or not there, is fine. */
  stopDomain(domain: string): Promise<void>;
  /** Asks the system inside to shut down, and does not wait. */
  shutdownDomain(domain: string): Promise<void>;
  setAutostart(domain: string, state: "on" | "off"): Promise<void>;
  /** Changes the size of a disk of an active domain, as the domain sees it; `target` is its device name. */
  resizeDisk(domain: string, target: string, sizeBytes: number): Promise<void>;
  /** Makes an active pool look again at what it holds. */
  refreshPool(pool: string): Promise<void>;
  /** Stops a pool and forgets it; what it holds stays. */
  forgetPool(pool: string): Promise<void>;
}
