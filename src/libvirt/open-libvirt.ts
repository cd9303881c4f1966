import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import type { DomainEntry, Libvirt, Pool, Volume } from "./libvirt.ts";
import { parseCapabilities } from "./parse-capabilities.ts";
import { parsePool } from "./parse-pool.ts";
import { surveyDomains } from "./survey-domains.ts";
import { linesOf, openRunVirsh, openVirsh, type Virsh } from "./virsh.ts";
import { openVirshBatch, outputOf, type VirshBatch } from "./virsh-batch.ts";
import { virshControl } from "./virsh-control.ts";
import { domainNamesOf, virshOfDomain } from "./virsh-domain.ts";

/** Parses the table of `vol-list`: name and path, separated by two or more spaces. A path usually ends in the name. */
function parseVolumes(output: string): Volume[] {
  const volumes: Volume[] = [];
  for (const line of linesOf(output)) {
    const cuts = [...line.matchAll(/\s{2,}/g)].map((gap) => ({
      name: line.slice(0, gap.index),
      path: line.slice(gap.index + gap[0].length),
    }));
    const cut = cuts.find(({ name, path }) => path.endsWith(name)) ?? cuts[0];
    if (cut !== undefined) volumes.push(cut);
  }
  return volumes;
}

/** Returns all objects of a kind and whether each is active, from the two lists that virsh prints. */
async function listNames(
  batch: VirshBatch,
  command: "list" | "net-list" | "pool-list",
): Promise<readonly DomainEntry[]> {
  const [all, running] = await batch([
    [command, "--all", "--name"],
    [command, "--name"],
  ]);
  // virsh pads names with spaces, except names of domains.
  const namesOf = command === "list" ? domainNamesOf : linesOf;
  const active = new Set(namesOf(outputOf(running)));
  return namesOf(outputOf(all)).map((name) => ({ name, isActive: active.has(name) }));
}

async function listPools(batch: VirshBatch): Promise<readonly Pool[]> {
  const names = await listNames(batch, "pool-list");
  const dumps = await batch(names.map(({ name }) => ["pool-dumpxml", "--pool", name]));
  return names.flatMap(({ name, isActive }, index) => {
    const dump = dumps[index];
    // The pool was removed after it was listed.
    if (dump !== undefined && "error" in dump && dump.error.code === "LIBVIRT_UNKNOWN") return [];
    return [{ ...parsePool(outputOf(dump), `pool ${name}`), name, isActive }];
  });
}

/** Returns the XML of the current run. The XML of an inactive domain has no id. */
async function dumpLive(virsh: Virsh, name: string): Promise<string | undefined> {
  try {
    const xml = await (await virshOfDomain(virsh, name))("dumpxml");
    return /^\s*<domain\b[^>]*\sid=/.test(xml) ? xml : undefined;
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIBVIRT_UNKNOWN") return undefined;
    throw error;
  }
}

async function dumpAll(virsh: Virsh, name: string): Promise<readonly string[]> {
  const domain = await virshOfDomain(virsh, name);
  const texts = [await domain("dumpxml", "--inactive")];
  const live = await dumpLive(virsh, name);
  if (live !== undefined) texts.push(live);
  for (const snapshot of linesOf(await domain("snapshot-list", "--name")))
    texts.push(await domain("snapshot-dumpxml", "--snapshotname", snapshot));
  return texts;
}

/**
 * Returns the libvirt of a host, accessed through virsh. It does not connect before the first call.
 *
 * @param options.uri  connection URI. Default: the one that virsh selects
 */
export function openLibvirt(
  context: Pick<Context, "run" | "signal" | "temporaryFolder">,
  options: { readonly uri?: string | undefined } = {},
): Libvirt {
  const run = openRunVirsh(context, options.uri);
  const virsh = openVirsh(run);
  const batch = openVirshBatch(run, virsh, options.uri);
  return {
    async capabilities() {
      return parseCapabilities(await virsh("capabilities"), "virsh capabilities");
    },
    async listDomains() {
      return listNames(batch, "list");
    },
    async surveyDomains(request) {
      return surveyDomains(batch, request);
    },
    async dumpXml(name) {
      return (await virshOfDomain(virsh, name))("dumpxml", "--inactive");
    },
    async dumpDefinition(name) {
      return (await virshOfDomain(virsh, name))("dumpxml", "--inactive", "--security-info");
    },
    async dumpLive(domain) {
      return dumpLive(virsh, domain);
    },
    async dumpAll(domain) {
      return dumpAll(virsh, domain);
    },
    async listPools() {
      return listPools(batch);
    },
    async listVolumes(pool) {
      return parseVolumes(await virsh("vol-list", "--pool", pool));
    },
    async listNetworks() {
      return listNames(batch, "net-list");
    },
    ...virshControl(virsh, context.temporaryFolder),
  };
}
