import { type Appliance, type Boot, matchHost } from "../../appliance/index.ts";
import type { Capabilities } from "../../libvirt/index.ts";

/** How a VM is run, or why it cannot be. */
export interface ChosenBoot {
  /** Undefined if none matches. */
  readonly boot: Boot | undefined;
  /** Index in the descriptor. */
  readonly index: number;
  /** Hypervisor; empty if none matches. */
  readonly domainType: string;
  readonly reasons: readonly string[];
  /** Notes for the administrator. */
  readonly notes: readonly string[];
}

function restrictTo(capabilities: Capabilities, domainType: string): Capabilities {
  return {
    ...capabilities,
    guests: capabilities.guests.map((guest) => ({
      ...guest,
      domainTypes: guest.domainTypes.filter((type) => type === domainType),
    })),
  };
}

/** Chooses the boot descriptor and the hypervisor, within the administrator's options. */
export function chooseBoot(
  appliance: Appliance,
  capabilities: Capabilities,
  request: { readonly boot?: number | undefined; readonly virtType?: string | undefined },
): ChosenBoot {
  const none = { boot: undefined, index: 0, domainType: "", notes: [] };
  const asked = request.boot === undefined ? undefined : appliance.boots[request.boot];
  if (request.boot !== undefined && asked === undefined) {
    const last = appliance.boots.length - 1;
    return { ...none, reasons: [`boot ${request.boot}: the descriptor has boots 0 to ${last}`] };
  }
  const host =
    request.virtType === undefined ? capabilities : restrictTo(capabilities, request.virtType);
  const match = matchHost(asked === undefined ? appliance : { ...appliance, boots: [asked] }, host);
  if (!match.ok || match.boot === null) return { ...none, reasons: match.reasons };
  const index = request.boot ?? match.boot;
  const boot = appliance.boots[index];
  const domainType = match.domainType ?? "";
  const isEmulated = domainType === "qemu" && request.virtType === undefined;
  return {
    boot,
    index,
    domainType,
    reasons: [],
    notes: isEmulated
      ? [`the host does not support KVM for ${boot?.arch}: the VM is emulated and slow`]
      : [],
  };
}

/** Returns the boot descriptor of a VM even if the host supports none, so that all other reasons are found too. */
export function likelyBoot(
  { boots }: Pick<Appliance, "boots">,
  chosen: Pick<ChosenBoot, "boot">,
  wanted?: number,
): Boot | undefined {
  return chosen.boot ?? boots[wanted ?? 0] ?? boots[0];
}
