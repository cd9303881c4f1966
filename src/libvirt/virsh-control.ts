import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApplianceError } from "../errors.ts";
import { openTemporaryFolder } from "../lib/atomic.ts";
import type { UndefineOptions } from "./libvirt.ts";
import type { LibvirtControl } from "./memory-control.ts";
import { linesOf, type Virsh } from "./virsh.ts";
import { domainNamesOf, virshOfDomain, virshOfUuid } from "./virsh-domain.ts";

/** Parses the output of `virsh dominfo`: one `Name: value` per line. */
function parseInfo(output: string): ReadonlyMap<string, string> {
  const pairs = output.split("\n").flatMap((line) => {
    const colon = line.indexOf(":");
    if (colon === -1) return [];
    return [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const];
  });
  return new Map(pairs);
}

async function isActive(virsh: Virsh, domain: string): Promise<boolean> {
  return domainNamesOf(await virsh("list", "--name")).includes(domain);
}

async function exists(virsh: Virsh, name: string, uuid: string | undefined): Promise<boolean> {
  return uuid === undefined
    ? domainNamesOf(await virsh("list", "--all", "--name")).includes(name)
    : linesOf(await virsh("list", "--all", "--uuid")).includes(uuid);
}

/** Returns the targets of disks with an active block job; none if the domain is not running. */
async function blockJobs(domain: Virsh): Promise<readonly string[]> {
  const table = await domain("domblklist");
  const targets = linesOf(table).flatMap((line) => line.split(/\s+/)[0] ?? []);
  const jobs: string[] = [];
  for (const target of targets) {
    // virsh fails for an empty drive, which has no job. Without --raw, it prints the progress on standard error.
    const answer = await orNothing(domain("blockjob", "--path", target, "--info", "--raw"));
    if (/(?:^|\n)[^\S\n]*type=/.test(answer)) jobs.push(target);
  }
  return jobs;
}

/** Returns the output of virsh, or an empty text if libvirt refuses: the guest may not be ready yet. */
async function orNothing(answer: Promise<string>): Promise<string> {
  return answer.catch((error: unknown) => {
    if (error instanceof ApplianceError && error.code === "LIBVIRT_FAILED") return "";
    throw error;
  });
}

async function pingAgent(domain: Virsh): Promise<boolean> {
  const ping = '{"execute":"guest-ping"}';
  const answer = domain("qemu-agent-command", "--timeout", "2", "--cmd", ping);
  return (await orNothing(answer)).includes("return");
}

/** Returns whether an address is a loopback or link-local address. */
function isLocal(address: string): boolean {
  return /^(?:127\.|169\.254\.|::1$|fe[89ab][0-9a-f]:)/i.test(address);
}

async function guestAddresses(
  domain: Virsh,
  from: "leases" | "anywhere",
): Promise<readonly string[]> {
  const sources = from === "leases" ? ["lease"] : ["lease", "arp"];
  // virsh would wait for an agent that does not respond.
  if (from === "anywhere" && (await pingAgent(domain))) sources.push("agent");
  const found = new Set<string>();
  for (const source of sources) {
    const table = await orNothing(domain("domifaddr", "--source", source));
    for (const [, address = ""] of table.matchAll(/\bipv[46]\s+(\S+?)(?:\/\d+)?\s*$/gm))
      if (!isLocal(address)) found.add(address);
  }
  return [...found];
}

async function undefine(
  virsh: Virsh,
  name: string,
  { state, uuid }: UndefineOptions,
): Promise<void> {
  if (!(await exists(virsh, name, uuid))) return;
  // With the UUID, no other domain can replace this one between two calls.
  const domain = uuid === undefined ? await virshOfDomain(virsh, name) : virshOfUuid(virsh, uuid);
  // virsh before libvirt 8.9 does not support the TPM option; a domain without TPM does not need it.
  const hasTpm = /<tpm\b/.test(await domain("dumpxml", "--inactive"));
  const prefix = state === "keep" ? "--keep-" : "--";
  const flags = hasTpm ? ["nvram", "tpm"] : ["nvram"];
  await domain("undefine", ...flags.map((flag) => prefix + flag));
}

const STOP_TRIES = 10;
const STOP_PAUSE_MS = 300;

/** Stops a domain immediately. libvirt refuses while the domain is powering off; it is then off a moment later. */
async function stop(virsh: Virsh, domain: string): Promise<void> {
  for (let left = STOP_TRIES; await isActive(virsh, domain); left--) {
    try {
      await (
        await virshOfDomain(virsh, domain)
      )("destroy");
      return;
    } catch (error) {
      const isRefused =
        error instanceof ApplianceError &&
        (error.code === "LIBVIRT_FAILED" || error.code === "LIBVIRT_UNKNOWN");
      if (!isRefused || left === 1) throw error;
      await sleep(STOP_PAUSE_MS);
    }
  }
}

/** Returns the methods of a libvirt behind virsh that change domains. */
export function virshControl(virsh: Virsh, temporaryFolder: string): LibvirtControl {
  const about = (name: string): Promise<Virsh> => virshOfDomain(virsh, name);
  return {
    async domainFacts(name) {
      const domain = await about(name);
      const info = parseInfo(await domain("dominfo"));
      // As in `virsh list`: a crashed domain that libvirt preserved is active, and has an id.
      const active = info.get("Id") !== "-";
      return {
        isActive: active,
        state: info.get("State") ?? "unknown",
        autostart: info.get("Autostart") === "enable",
        hasManagedSave: info.get("Managed save") === "yes",
        snapshots: linesOf(await domain("snapshot-list", "--name")),
        blockJobs: active ? await blockJobs(domain) : [],
      };
    },
    guestAddresses: async (name, from) => guestAddresses(await about(name), from),
    pingAgent: async (name) => pingAgent(await about(name)),
    async defineDomain(xml) {
      // virsh opens a file by name. Node's pipes are sockets, which cannot be opened again by name.
      await using folder = await openTemporaryFolder(temporaryFolder);
      const file = path.join(folder.path, "domain.xml");
      await writeFile(file, xml, { mode: 0o600, flag: "wx" });
      await virsh("define", "--file", file);
    },
    undefineDomain: (domain, options) => undefine(virsh, domain, options),
    async startDomain(name) {
      if (!(await isActive(virsh, name))) await (await about(name))("start");
    },
    stopDomain: (domain) => stop(virsh, domain),
    async shutdownDomain(name) {
      await (
        await about(name)
      )("shutdown");
    },
    async setAutostart(name, state) {
      await (
        await about(name)
      )("autostart", ...(state === "off" ? ["--disable"] : []));
    },
    async resizeDisk(name, target, sizeBytes) {
      const size = ["--size", `${sizeBytes}B`] as const;
      await (
        await about(name)
      )("blockresize", "--path", target, ...size);
    },
    async refreshPool(pool) {
      await virsh("pool-refresh", "--pool", pool);
    },
    async forgetPool(pool) {
      if (linesOf(await virsh("pool-list", "--name")).includes(pool))
        await virsh("pool-destroy", "--pool", pool);
      await virsh("pool-undefine", "--pool", pool);
    },
  };
}
