import os from "node:os";
import path from "node:path";

/** Default folder of keys, as help shows it: without `$XDG_DATA_HOME`. */
export const KEYS_FOLDER = "~/.local/share/virt-appliance/keys";

/** Returns the folder of the user's signing keys: `$XDG_DATA_HOME/virt-appliance/keys`. */
export function keysFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const data = environment["XDG_DATA_HOME"];
  const home = environment["HOME"] ?? os.homedir();
  const base = data !== undefined && path.isAbsolute(data) ? data : path.join(home, ".local/share");
  return path.join(base, "virt-appliance", "keys");
}
