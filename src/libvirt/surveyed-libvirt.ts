import {
  documentsOf,
  type DomainDump,
  type DomainSurvey,
  type Libvirt,
  type Pool,
  type Volume,
} from "./libvirt.ts";

/**
 * Returns a libvirt for examining many domains at one point in time. It returns the XML of domains from a survey of
 * depth `everything`, and reads pools and their volumes once. All other calls are passed on.
 */
export function surveyedLibvirt(libvirt: Libvirt, survey: DomainSurvey): Libvirt {
  const dumps = new Map(survey.domains.map((dump) => [dump.name, dump]));
  const from =
    <T>(read: (dump: DomainDump) => T, ask: (domain: string) => Promise<T>) =>
    async (domain: string): Promise<T> => {
      const dump = dumps.get(domain);
      return dump === undefined ? ask(domain) : read(dump);
    };
  let pools: Promise<readonly Pool[]> | undefined;
  const volumes = new Map<string, Promise<readonly Volume[]>>();
  return {
    ...libvirt,
    dumpXml: from(
      ({ xml }) => xml,
      (domain) => libvirt.dumpXml(domain),
    ),
    dumpLive: from(
      ({ liveXml }) => liveXml,
      (domain) => libvirt.dumpLive(domain),
    ),
    dumpAll: from(documentsOf, (domain) => libvirt.dumpAll(domain)),
    listPools: () => (pools ??= libvirt.listPools()),
    listVolumes: (pool) => {
      const known = volumes.get(pool) ?? libvirt.listVolumes(pool);
      volumes.set(pool, known);
      return known;
    },
  };
}
