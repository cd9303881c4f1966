import { parseDomain, virshCommand } from "../libvirt/index.ts";
import type { FoundInstance } from "./instances.ts";

/** Returns a command of virsh about a VM, for hints. */
export function virshHint(command: string, { vm, xml }: Pick<FoundInstance, "vm" | "xml">): string {
  return virshCommand(command, { name: vm, uuid: parseDomain(xml).uuid });
}
