import { parseDomain, virshCommand } from "../../libvirt/index.ts";

/**
 * Returns a command of virsh about a VM, for hints.
 *
 * @param of.xml  the VM's definition; undefined when it cannot be read
 */
export function virshHint(
  command: string,
  of: { readonly vm: string; readonly xml: string | undefined },
): string {
  const uuid = of.xml === undefined ? undefined : parseDomain(of.xml).uuid;
  return virshCommand(command, { name: of.vm, uuid });
}
