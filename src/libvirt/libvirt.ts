import type { ApplianceError } from "../errors.ts";
import type { Capabilities } from "./parse-capabilities.ts";

/** A domain in the list of domains. */
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

/** Facts about a domain that its XML does not contain. */
export interface DomainFacts {
  /** Also true for a crashed domain that libvirt preserved: it must be destroyed before it can start. */
  readonly isActive: boolean;
  /** State as libvirt prints it: `running`, `shut off`, `paused`, `crashed`. */
  readonly state: string;
  /** Whether libvirt starts it when the host boots. */
  readonly autostart: boolean;
  /** Whether it has a managed save image. Its disks must not change before it is resumed. */
  readonly hasManagedSave: boolean;
  /** Names of libvirt's snapshots, internal and external. */
  readonly snapshots: readonly string[];
  /** Target names of the disks on which a block job is active. */
  readonly blockJobs: readonly string[];
}

/** All XML documents that libvirt has of a domain. */
export interface DomainDump {
  readonly name: string;
  readonly uuid: string | undefined;
  readonly isActive: boolean;
  /** XML of the next start, as from `dumpXml`. */
  readonly xml: string;
  /** XML of the current run, as from `dumpLive`; also undefined if it was not requested. */
  readonly liveXml: string | undefined;
  /** XML of each snapshot; also empty if snapshots were not requested. */
  readonly snapshots: readonly string[];
}

/** A domain that exists but could not be read completely. */
export interface DomainFailure {
  /** Name of the domain, or its UUID if the name is not known. */
  readonly domain: string;
  readonly error: ApplianceError;
  /** UUID and XML of the next start; undefined if that XML could not be read. */
  readonly definition?: { readonly uuid: string; readonly xml: string } | undefined;
}

/** All domains at one point in time. */
export interface DomainSurvey {
  /** Ordered by name. */
  readonly domains: readonly DomainDump[];
  readonly failures: readonly DomainFailure[];
}

/** Options for reading all domains. */
export interface SurveyOptions {
  /** `everything` includes the current run and the snapshots. */
  readonly depth: "next start" | "everything";
  /** Called with the number of completed queries and the total; the count may restart from zero. */
  readonly onProgress?: (state: { readonly done: number; readonly total: number }) => void;
}

/** Returns every XML document that libvirt has of a domain, as `dumpAll` does. */
export function documentsOf({ xml, liveXml, snapshots }: DomainDump): readonly string[] {
  return [xml, ...(liveXml === undefined ? [] : [liveXml]), ...snapshots];
}

/** Options for undefining a domain. */
export interface UndefineOptions {
  readonly state: "keep" | "remove";
  readonly uuid?: string | undefined;
}

/**
 * The part of libvirt that this program uses. Results reflect the time of the call. Names are compared exactly.
 *
 * Every method throws ApplianceError `LIBVIRT_UNREACHABLE` when libvirt cannot be connected to, `LIBVIRT_TIMEOUT` when
 * it does not answer in time, `LIBVIRT_DENIED` when it denies access to the user, `LIBVIRT_UNKNOWN` when the domain or
 * pool does not exist, `LIBVIRT_FAILED` when it refuses for another reason.
 */
export interface Libvirt {
  /** Returns the capabilities of the host. */
  capabilities(): Promise<Capabilities>;
  /** All domains, active or not, ordered by name. */
  listDomains(): Promise<readonly DomainEntry[]>;
  /**
   * Reads all domains, active or not, in a few calls; the number of calls does not depend on the number of domains.
   * A domain that is undefined during the survey is omitted.
   */
  surveyDomains(options: SurveyOptions): Promise<DomainSurvey>;
  /** XML of a domain for its next start, without the details of the current run. */
  dumpXml(domain: string): Promise<string>;
  /** As `dumpXml`, including passwords, so that `defineDomain` with this XML does not remove them. */
  dumpDefinition(domain: string): Promise<string>;
  /** XML of the current run of a domain; undefined if it is not active or does not exist. */
  dumpLive(domain: string): Promise<string | undefined>;
  /** Every XML document that libvirt has of a domain: of the next start, the current run and each snapshot. */
  dumpAll(domain: string): Promise<readonly string[]>;
  /** All pools, active or not, ordered by name. */
  listPools(): Promise<readonly Pool[]>;
  /** Volumes of an active pool, ordered by name. */
  listVolumes(pool: string): Promise<readonly Volume[]>;
  /** All virtual networks, active or not, ordered by name. */
  listNetworks(): Promise<readonly Network[]>;
  domainFacts(domain: string): Promise<DomainFacts>;
  /**
   * Addresses of a running domain that other machines can reach, without duplicates; empty if none is known.
   *
   * @param from  `leases`: DHCP leases of the host's networks; `anywhere`: also the addresses that the guest agent
   *   reports and those in the host's ARP table, which may be from an earlier run
   */
  guestAddresses(domain: string, from: "leases" | "anywhere"): Promise<readonly string[]>;
  /** Returns whether the guest agent in a running domain responds. */
  pingAgent(domain: string): Promise<boolean>;

  /** Defines a domain, or redefines the one of the same name and UUID. */
  defineDomain(xml: string): Promise<void>;
  /**
   * Undefines an inactive domain. Does nothing if the domain does not exist.
   *
   * @param options.state  whether its firmware variables and TPM state are kept or removed
   * @param options.uuid  UUID that the domain must have; another domain of the same name is kept
   */
  undefineDomain(domain: string, options: UndefineOptions): Promise<void>;
  /** Starts a domain. Does nothing if it is active. */
  startDomain(domain: string): Promise<void>;
  /** Powers off a domain immediately. Does nothing if it is not active or does not exist. */
  stopDomain(domain: string): Promise<void>;
  /** Requests a shutdown from the guest system, and does not wait for it. */
  shutdownDomain(domain: string): Promise<void>;
  setAutostart(domain: string, state: "on" | "off"): Promise<void>;
  /** Changes the size of a disk as an active domain sees it; `target` is the target name of the disk. */
  resizeDisk(domain: string, target: string, sizeBytes: number): Promise<void>;
  /** Makes an active pool rescan its volumes. */
  refreshPool(pool: string): Promise<void>;
  /** Stops and undefines a pool; its volumes are kept. */
  forgetPool(pool: string): Promise<void>;
}
