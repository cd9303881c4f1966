import path from "node:path";
import { findPlainText } from "../../lib/plain-file.ts";
import type { HostPaths } from "./paths.ts";

/** Settings in `host.conf`, which `reconcile` also reads. */
export interface HostSettings {
  /** Undefined: the default folder. */
  readonly baseDir: string | undefined;
  readonly poolName: string | undefined;
  readonly libvirtUri: string | undefined;
}

const usable: Readonly<Record<string, RegExp>> = {
  BASE_DIR: /^\/(?!.*(?:\/\/|\/\.{1,2}(?:\/|$)|\/$))[\w.~+^@:,/-]+$/,
  POOL_NAME: /^[\w~][\w.~+^-]{0,239}$/,
  LIBVIRT_URI: /^[\w.:/+-]+$/,
};

/** Parses a settings file: lines of KEY=VALUE, never evaluated. Unusable values are ignored. */
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

/** Reads the settings of a host; empty if the file is missing. */
export async function readSettings(paths: HostPaths): Promise<HostSettings> {
  const file = path.join(paths.settingsDir, "host.conf");
  return parseSettings((await findPlainText(file)) ?? "");
}
