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

/**
 * What we need of libvirt. Answers are as of the call; names are compared as they stand.
 *
 * Every method throws ApplianceError `LIBVIRT_UNREACHABLE` when libvirt does not answer, `LIBVIRT_UNKNOWN` when
 * it does not know the domain or pool, `LIBVIRT_FAILED` when it refuses for another reason.
 */
export interface Libvirt {
  /** What the host can run. */
  capabilities(): Promise<Capabilities>;
  /** All domains, active or not, ordered by name. */
  listDomains(): Promise<readonly DomainEntry[]>;
  /** XML of a domain as it will be at its next start, without what belongs to the present run. */
  dumpXml(domain: string): Promise<string>;
  /** All pools, active or not, ordered by name. */
  listPools(): Promise<readonly Pool[]>;
  /** Volumes of an active pool, ordered by name. */
  listVolumes(pool: string): Promise<readonly Volume[]>;
}
