export { type BootOrder, bootOrderOf } from "./boot-order.ts";
export { openLibvirt } from "./open-libvirt.ts";
export { type MemoryLibvirtState, openMemoryLibvirt } from "./memory-libvirt.ts";
export { parseCapabilities } from "./parse-capabilities.ts";
export type { Capabilities, GuestCapabilities, GuestFeature } from "./parse-capabilities.ts";
export { parseDomain, readDomainXml } from "./parse-domain.ts";
export type { Domain, DomainDisk, DomainInterface, DomainOs } from "./domain.ts";
export { documentsOf } from "./libvirt.ts";
export { virshCommand } from "./virsh-domain.ts";
export { surveyedLibvirt } from "./surveyed-libvirt.ts";
export type {
  DomainDump,
  DomainEntry,
  DomainFacts,
  DomainFailure,
  DomainSurvey,
  Libvirt,
  Network,
  Pool,
  SurveyOptions,
  Volume,
} from "./libvirt.ts";
export type { UndefineOptions } from "./libvirt.ts";
