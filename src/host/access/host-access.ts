import type { Context } from "../../lib/context.ts";
import { type EffectHook, type Effects, openEffects } from "../../lib/journal/effects.ts";
import type { Libvirt } from "../../libvirt/index.ts";
import type { HostPaths } from "./paths.ts";

/** Everything through which commands and the steps of an operation reach a host. */
export interface HostAccess {
  readonly context: Context;
  /** Makes every change; `libvirt` here uses it too. */
  readonly effects: Effects;
  readonly libvirt: Libvirt;
  readonly paths: HostPaths;
}

/** How access to a host is opened. */
export interface AccessOptions {
  readonly paths: HostPaths;
  /** Opens libvirt for a context: undoing must not be stopped by the Ctrl-C that made it necessary. */
  readonly openLibvirt: (context: Context) => Libvirt;
  readonly hook: EffectHook;
}

/** Returns a libvirt that makes every change through `effects`. */
function behindEffects(libvirt: Libvirt, effects: Effects): Libvirt {
  const pass = (label: string, change: () => Promise<void>): Promise<void> =>
    effects.perform(`virsh ${label}`, change);
  return {
    ...libvirt,
    defineDomain: (xml) => pass("define", () => libvirt.defineDomain(xml)),
    undefineDomain: (domain, options) =>
      pass(`undefine ${domain}`, () => libvirt.undefineDomain(domain, options)),
    startDomain: (domain) => pass(`start ${domain}`, () => libvirt.startDomain(domain)),
    stopDomain: (domain) => pass(`destroy ${domain}`, () => libvirt.stopDomain(domain)),
    shutdownDomain: (domain) => pass(`shutdown ${domain}`, () => libvirt.shutdownDomain(domain)),
    setAutostart: (domain, state) =>
      pass(`autostart ${domain}`, () => libvirt.setAutostart(domain, state)),
    resizeDisk: (domain, target, sizeBytes) =>
      pass(`blockresize ${domain} ${target}`, () => libvirt.resizeDisk(domain, target, sizeBytes)),
    forgetPool: (pool) => pass(`pool-undefine ${pool}`, () => libvirt.forgetPool(pool)),
    refreshPool: (pool) => pass(`pool-refresh ${pool}`, () => libvirt.refreshPool(pool)),
  };
}

/** Returns a context that Ctrl-C does not interrupt. */
function uninterruptible(context: Context): Context {
  return {
    ...context,
    signal: new AbortController().signal,
    run: (file, args, options) => context.run(file, args, { ...options, ignoresInterrupt: true }),
  };
}

function openOne(context: Context, options: AccessOptions): HostAccess {
  const effects = openEffects(context.run, options.hook);
  const libvirt = behindEffects(options.openLibvirt(context), effects);
  return { context, effects, libvirt, paths: options.paths };
}

/** Opens access to a host, for operations and for undoing interrupted ones. */
export function openHostAccess(
  context: Context,
  options: AccessOptions,
): { readonly interruptible: HostAccess; readonly uninterruptible: HostAccess } {
  return {
    interruptible: openOne(context, options),
    uninterruptible: openOne(uninterruptible(context), options),
  };
}
