import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import type { Libvirt, Pool, Volume } from "./libvirt.ts";
import { parseCapabilities } from "./parse-capabilities.ts";
import { parsePool } from "./parse-pool.ts";

/** A healthy daemon answers in milliseconds; one that hangs must not hang us. */
const TIMEOUT_MS = 30_000;

const unreachable = /failed to connect to the hypervisor|cannot connect|connection refused/i;
const unknown = /failed to get (?:domain|pool)|(?:domain|storage pool) not found/i;

type Virsh = (...args: readonly string[]) => Promise<string>;

function translate(error: unknown, uri: string | undefined): unknown {
  if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") return error;
  const details = error.details.filter((line) => line.trim() !== "");
  const [first = "no message"] = details.map((line) => line.replace(/^error: /, ""));
  const subject = uri ?? "libvirt";
  if (details.some((line) => unreachable.test(line))) {
    return new ApplianceError("LIBVIRT_UNREACHABLE", `${subject}: libvirt does not answer`, {
      cause: error,
      details,
      hint: "start libvirtd or virtqemud, or name another host with --connect",
    });
  }
  if (details.some((line) => unknown.test(line))) {
    return new ApplianceError("LIBVIRT_UNKNOWN", `${subject}: ${first}`, { cause: error, details });
  }
  return new ApplianceError("LIBVIRT_FAILED", `${subject}: ${first}`, { cause: error, details });
}

function linesOf(output: string): string[] {
  // virsh pads the names of pools with spaces.
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .sort();
}

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

/**
 * Answers the libvirt of a host, driven through virsh; nothing is connected to before it is asked.
 *
 * @param options.uri  connection URI; virsh's own choice unless told
 */
export function openLibvirt(
  context: Pick<Context, "run" | "signal">,
  options: { readonly uri?: string | undefined } = {},
): Libvirt {
  const { uri } = options;
  const connect = uri === undefined ? [] : ["--connect", uri];
  const virsh: Virsh = async (...args) => {
    try {
      const result = await context.run("virsh", ["--quiet", ...connect, ...args], {
        signal: context.signal,
        timeoutMs: TIMEOUT_MS,
      });
      return result.stdout;
    } catch (error) {
      throw translate(error, uri);
    }
  };
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
    async listPools() {
      return listPools(virsh);
    },
    async listVolumes(pool) {
      return parseVolumes(await virsh("vol-list", "--pool", pool));
    },
  };
}
