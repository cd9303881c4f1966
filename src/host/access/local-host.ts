import type { Context } from "../../lib/context.ts";
import type { EffectHook } from "../../lib/journal/effects.ts";
import { type Journal, openJournal } from "../../lib/journal/journal.ts";
import { type Libvirt, openLibvirt } from "../../libvirt/index.ts";
import { type HostAccess, openHostAccess } from "./host-access.ts";
import { hostPaths, type HostPaths, journalDir } from "./paths.ts";
import { type HostSettings, readSettings } from "./settings.ts";

const SYSTEM_URI = "qemu:///system";

/** The KVM host that this program runs on, ready for queries and changes. */
export interface LocalHost extends HostAccess {
  /** Connection of virsh and virt-install. */
  readonly uri: string;
  readonly settings: HostSettings;
  readonly journal: Journal;
  /** The same host, for undoing and completing operations: Ctrl-C does not interrupt it. */
  readonly uninterruptible: HostAccess;
}

/** Options for opening a host. Tests use another root, another libvirt, and a hook on every change. */
export interface HostOptions {
  readonly paths?: HostPaths;
  /** Connection URI. Default: that of the settings, else the system's. */
  readonly uri?: string | undefined;
  readonly openLibvirt?: (context: Context) => Libvirt;
  readonly hook?: EffectHook;
}

/** Opens the local host. Does not connect to libvirt, and changes nothing. */
export async function openLocalHost(
  context: Context,
  options: HostOptions = {},
): Promise<LocalHost> {
  const places = options.paths ?? hostPaths();
  const settings = await readSettings(places);
  const uri = options.uri ?? settings.libvirtUri ?? SYSTEM_URI;
  const paths = settings.baseDir === undefined ? places : { ...places, baseDir: settings.baseDir };
  const { interruptible, uninterruptible } = openHostAccess(context, {
    paths,
    openLibvirt: options.openLibvirt ?? ((each) => openLibvirt(each, { uri })),
    hook: options.hook ?? {},
  });
  const journal = openJournal({
    folder: journalDir(paths),
    effects: interruptible.effects,
    now: context.now,
  });
  return { ...interruptible, uninterruptible, uri, settings, journal };
}
