import { ApplianceError } from "../errors.ts";
import { commandLine } from "../lib/command-line.ts";
import type { Virsh } from "./virsh.ts";

const UUID_LENGTH = 36;

/** Number of hex digits in a UUID; virsh accepts dashes and spaces anywhere between them. */
const UUID_DIGITS = 32;

/**
 * Returns whether virsh can interpret a name only as a name. virsh first tries a number as an id, and a UUID as a UUID,
 * each with optional spaces around it. No number contains a letter; no UUID contains a letter after f.
 */
function isNameOnly(name: string): boolean {
  const pattern = name.length < UUID_DIGITS ? /[a-z]/i : /[g-z]/i;
  return pattern.test(name) && name.trim() === name;
}

/**
 * Returns a virsh command about a domain for hints, quoted for a shell. It uses the UUID if virsh could interpret the
 * name as an id or a UUID.
 */
export function virshCommand(
  command: string,
  domain: { readonly name: string; readonly uuid: string | undefined },
): string {
  const { name, uuid } = domain;
  if (isNameOnly(name) && !name.startsWith("-")) return commandLine("virsh", command, name);
  return commandLine("virsh", command, "--domain", uuid ?? name);
}

/** Returns the exact name of a domain; undefined if the domain no longer exists. */
async function nameOf(virsh: Virsh, uuid: string): Promise<string | undefined> {
  try {
    return (await virsh("domname", "--domain", uuid)).replace(/\n+$/, "");
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIBVIRT_UNKNOWN") return undefined;
    throw error;
  }
}

async function uuidOf(virsh: Virsh, name: string): Promise<string> {
  const rows = (await virsh("list", "--all", "--uuid", "--name")).split("\n");
  // Older versions of virsh pad the name with spaces, so "3" and "3 " have the same row.
  const candidates = rows.filter((row) => row.slice(UUID_LENGTH + 1).trimEnd() === name.trimEnd());
  for (const uuid of candidates.map((row) => row.slice(0, UUID_LENGTH)))
    if ((await nameOf(virsh, uuid)) === name) return uuid;
  throw new ApplianceError("LIBVIRT_UNKNOWN", `libvirt: failed to get domain '${name}'`);
}

/**
 * Returns a virsh whose commands apply to one domain, given its exact name. A name that virsh may interpret as an id or
 * a UUID is looked up once in the list of domains; the commands then use the UUID.
 *
 * @throws ApplianceError `LIBVIRT_UNKNOWN` when no domain has this name
 */
export async function virshOfDomain(virsh: Virsh, name: string): Promise<Virsh> {
  return virshOfUuid(virsh, isNameOnly(name) ? name : await uuidOf(virsh, name));
}

/** Returns a virsh whose commands apply to the domain with a UUID. */
export function virshOfUuid(virsh: Virsh, uuid: string): Virsh {
  return (command, ...args) => virsh(command ?? "", "--domain", uuid, ...args);
}

/** Returns the names in a virsh list of domains, sorted; spaces around a name are part of it. */
export function domainNamesOf(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .sort();
}
