import path from "node:path";
import { findPlainText } from "../lib/plain-file.ts";
import type { HostPaths } from "./paths.ts";

/** What the administrator set in `host.conf`, which `reconcile` reads too. */
export interface HostSettings {
  /** Undefined: the usual place. */
  readonly baseDir: string | undefined;
  readonly poolName: string | undefined;
  readonly libvirtUri: string | undefined;
}

const usable: Readonly<Record<string, RegExp>> = {
  BASE_DIR: /^\/(?!.*(?:\/\/|\/\.{1,2}(?:\/|$)|\/$))[\w.~+^@:,/-]+$/,
  POOL_NAME: /^[\w~][\w.~+^-]{0,239}$/,
  LIBVIRT_URI: /^[\w.:/+-]+$/,
};

/** Returns what a settings file says: lines of KEY=VALUE, never evaluated; what is not usable counts as not said. */
export function parseSettings(text: string): HostSettings {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    const key = line.slice(0, Math.max(equals, 0));
    const value = line.slice(equals + 1);
    if (Object.hasOwn(usable, key) && usable[key]?.test(value) === true) values.set(key, value);
  }
  return {
    baseDir: values.get("BASE_DIR"),
    poolName: values.get("POOL_NAME"),
    libvirtUri: values.get("LIBVIRT_URI"),
  };
}

/** Reads the settings of a host; without a file nothing is set. */
export async function readSettings(paths: HostPaths): Promise<HostSettings> {
  const file = path.join(paths.settingsDir, "host.conf");
  return parseSettings((await findPlainText(file)) ?? "");
}
