import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { consoleLogFile } from "../access/paths.ts";
import type { HostAccess } from "../access/host-access.ts";

const POLL_MS = 500;

/** First sign of life of a VM. */
export type SignOfLife =
  /** It wrote to its console. */
  | "console"
  /** It got an address from a network of the host. */
  | "address"
  /** Its guest agent responded. */
  | "agent"
  /** It has shut itself down. */
  | "ended";

async function signOf(host: HostAccess, vm: string, log: string): Promise<SignOfLife | undefined> {
  const written = await stat(log).catch(() => undefined);
  if (written !== undefined && written.size > 0) return "console";
  const { isActive } = await host.libvirt.domainFacts(vm);
  if (!isActive) return "ended";
  if ((await host.libvirt.guestAddresses(vm, "leases")).length > 0) return "address";
  return (await host.libvirt.pingAgent(vm)) ? "agent" : undefined;
}

/**
 * Waits for a sign of life of a VM that was just started.
 *
 * @returns undefined if there was none in time
 */
export async function waitForBoot(
  host: HostAccess,
  vm: string,
  options: { readonly timeoutMs: number },
): Promise<SignOfLife | undefined> {
  const { signal, progress } = host.context;
  const log = consoleLogFile(host.paths, vm);
  const task = progress.start(`waiting for ${vm}`);
  try {
    for (let waited = 0; ; waited += POLL_MS) {
      throwIfInterrupted(signal, vm);
      const sign = await signOf(host, vm, log);
      if (sign !== undefined || waited >= options.timeoutMs) return sign;
      await sleep(POLL_MS);
    }
  } finally {
    task.done();
  }
}
