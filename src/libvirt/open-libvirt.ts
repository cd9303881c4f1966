import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import type { Libvirt, Pool, Volume } from "./libvirt.ts";
import { parseCapabilities } from "./parse-capabilities.ts";
import { parsePool } from "./parse-pool.ts";
import { linesOf, openVirsh } from "./virsh.ts";
import type { Virsh } from "./virsh.ts";
import { virshControl } from "./virsh-control.ts";

/** Reads the table of `vol-list`: name and path, two spaces or more apart. A path mostly ends in the name. */
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

async function listPools(virsh: Virsh): Promise<readonly Pool[]> {
  const active = new Set(linesOf(await virsh("pool-list", "--name")));
  const pools: Pool[] = [];
  for (const name of linesOf(await virsh("pool-list", "--all", "--name"))) {
    const parsed = parsePool(await virsh("pool-dumpxml", "--pool", name), `pool ${name}`);
    pools.push({ ...parsed, name, isActive: active.has(name) });
  }
  return pools;
}

/** Answers the XML of the present run; that of a domain which is not active comes without an id. */
async function dumpLive(virsh: Virsh, domain: string): Promise<string | undefined> {
  try {
    const xml = await virsh("dumpxml", "--domain", domain);
    return /^\s*<domain\b[^>]*\sid=/.test(xml) ? xml : undefined;
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIBVIRT_UNKNOWN") return undefined;
    throw error;
  }
}

async function dumpAll(virsh: Virsh, domain: string): Promise<readonly string[]> {
  const texts = [await virsh("dumpxml", "--inactive", "--domain", domain)];
  const live = await dumpLive(virsh, domain);
  if (live !== undefined) texts.push(live);
  for (const name of linesOf(await virsh("snapshot-list", "--domain", domain, "--name")))
    texts.push(await virsh("snapshot-dumpxml", "--domain", domain, "--snapshotname", name));
  return texts;
}

/**
 * Answers the libvirt of a host, driven through virsh; nothing is connected to before it is asked.
 *
 * @param options.uri  connection URI; virsh's own choice unless told
 */
export function openLibvirt(
  context: Pick<Context, "run" | "signal" | "temporaryFolder">,
  options: { readonly uri?: string | undefined } = {},
): Libvirt {
  const virsh = openVirsh(context, options.uri);
  return {
    async capabilities() {
      return parseCapabilities(await virsh("capabilities"), "virsh capabilities");
    },
    async listDomains() {
      const active = new Set(linesOf(await virsh("list", "--name")));
      return linesOf(await virsh("list", "--all", "--name")).map((name) => ({
        name,
        isActive: active.has(name),
      }));
    },
    async dumpXml(domain) {
      return virsh("dumpxml", "--inactive", "--domain", domain);
    },
    async dumpDefinition(domain) {
      return virsh("dumpxml", "--inactive", "--security-info", "--domain", domain);
    },
    async dumpLive(domain) {
      return dumpLive(virsh, domain);
    },
    async dumpAll(domain) {
      return dumpAll(virsh, domain);
    },
    async listPools() {
      return listPools(virsh);
    },
    async listVolumes(pool) {
      return parseVolumes(await virsh("vol-list", "--pool", pool));
    },
    async listNetworks() {
      const active = new Set(linesOf(await virsh("net-list", "--name")));
      return linesOf(await virsh("net-list", "--all", "--name")).map((name) => ({
        name,
        isActive: active.has(name),
      }));
    },
    ...virshControl(virsh, context.temporaryFolder),
  };
}
