import { ApplianceError } from "../errors.ts";
import { commandLine } from "../lib/command-line.ts";
import type { Virsh } from "./virsh.ts";

const UUID_LENGTH = 36;

/** How many hex digits a UUID has, wherever virsh lets dashes and spaces be between them. */
const UUID_DIGITS = 32;

/**
 * True for a name that virsh can only take as a name. It tries a number as an id first, and what reads as a UUID as one,
 * each with spaces around; a letter beyond f is in neither, and any letter is in no number.
 */
function isNameOnly(name: string): boolean {
  const pattern = name.length < UUID_DIGITS ? /[a-z]/i : /[g-z]/i;
  return pattern.test(name) && name.trim() === name;
}

/**
 * Returns a command of virsh about a domain as people copy it into a shell, for hints: with the UUID where virsh would
 * read the name as something else.
 */
export function virshCommand(
  command: string,
  domain: { readonly name: string; readonly uuid: string | undefined },
): string {
  const { name, uuid } = domain;
  if (isNameOnly(name) && !name.startsWith("-")) return commandLine("virsh", command, name);
  return commandLine("virsh", command, "--domain", uuid ?? name);
}

/** Returns the exact name of a domain; undefined when it is gone. */
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
  // Older versions of virsh pad the name with spaces, so that the row alone does not tell "3" from "3 ".
  const candidates = rows.filter((row) => row.slice(UUID_LENGTH + 1).trimEnd() === name.trimEnd());
  for (const uuid of candidates.map((row) => row.slice(0, UUID_LENGTH)))
    if ((await nameOf(virsh, uuid)) === name) return uuid;
  throw new ApplianceError("LIBVIRT_UNKNOWN", `libvirt: failed to get domain '${name}'`);
}

/**
 * Returns a virsh whose commands are about one domain, by its exact name. A name that virsh may read as an id or a UUID
 * is looked up once in the list of domains; the commands then use its UUID.
 *
 * @throws ApplianceError `LIBVIRT_UNKNOWN` when no domain has such a name
 */
export async function virshOfDomain(virsh: Virsh, name: string): Promise<Virsh> {
  return virshOfUuid(virsh, isNameOnly(name) ? name : await uuidOf(virsh, name));
}

/** Returns a virsh whose commands are about the domain of a UUID. */
export function virshOfUuid(virsh: Virsh, uuid: string): Virsh {
  return (command, ...args) => virsh(command ?? "", "--domain", uuid, ...args);
}

/** Returns the names of domains in a list of virsh, sorted; spaces around a name are part of it. */
export function domainNamesOf(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .sort();
}
