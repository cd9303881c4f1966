export { openLibvirt } from "./open-libvirt.ts";
export { openMemoryLibvirt } from "./memory-libvirt.ts";
export type { MemoryLibvirtState } from "./memory-libvirt.ts";
export { parseCapabilities } from "./parse-capabilities.ts";
export type { Capabilities, GuestCapabilities, GuestFeature } from "./parse-capabilities.ts";
export { parseDomain } from "./parse-domain.ts";
export type { Domain, DomainDisk, DomainInterface, DomainOs } from "./domain.ts";
export type { DomainEntry, DomainFacts, Libvirt, Network, Pool, Volume } from "./libvirt.ts";
