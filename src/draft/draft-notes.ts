import { countOf } from "../lib/count-of.ts";
import { formatSizes } from "../lib/format-size.ts";
import type { Domain } from "../libvirt/index.ts";
import type { DraftNote } from "./draft.ts";

/** Devices that libvirt or virt-install add to every machine. */
const leftToHost =
  /^(?:controller|input|memballoon|serial|console|channel|video|rng|audio|panic)\b/;

/** Elements that describe the host's treatment of the machine, not the machine itself. */
const hostElements: ReadonlySet<string> = new Set([
  "on_poweroff",
  "on_reboot",
  "on_crash",
  "clock",
  "pm",
  "resource",
  "seclabel",
  "currentMemory",
]);

/** Returns notes on settings that each host chooses again. */
export function droppedNotes(domain: Domain): DraftNote[] {
  const { uuid, interfaces, hostDetails, os, otherDevices, otherElements, type } = domain;
  const macs = interfaces.filter((card) => card.mac !== undefined).length;
  const networks = interfaces.map((card) => `${card.type} ${card.source ?? ""}`.trim());
  const devices = [...new Set(otherDevices.filter((device) => leftToHost.test(device)))];
  const elements = new Set([
    ...otherElements.filter((element) => hostElements.has(element)),
    // The content of the NVRAM belongs to the machine, and is lost.
    ...hostDetails.settings.filter((setting) => setting !== "nvram"),
  ]);
  const messages = [
    type === "" ? undefined : `hypervisor ${type}: each host chooses its own`,
    uuid === undefined ? undefined : `UUID ${uuid}`,
    macs === 0 ? undefined : countOf(macs, "MAC address"),
    networks.length === 0 ? undefined : `networks: ${networks.join(", ")}`,
    hostDetails.addresses === 0 ? undefined : countOf(hostDetails.addresses, "device address"),
    hostDetails.aliases === 0 ? undefined : countOf(hostDetails.aliases, "device alias"),
    os.machine === undefined ? undefined : `machine type ${os.machine}`,
    domain.graphics.length === 0
      ? undefined
      : `display type: ${domain.graphics.join(", ")}; each host chooses its own`,
    devices.length === 0 ? undefined : `devices that each host adds: ${devices.join(", ")}`,
    elements.size === 0 ? undefined : `settings of the host: ${[...elements].join(", ")}`,
  ];
  return messages.flatMap((message) => (message === undefined ? [] : { kind: "dropped", message }));
}

/** Devices other than disks that keep state between two starts of the machine. */
const keepers: readonly (readonly [RegExp, string])[] = [
  [/^tpm\b/, "TPM state is not copied: a new VM cannot unseal data that this TPM sealed"],
  [/^nvram\b/, "the content of the NVRAM is not copied"],
  [/^pstore\b/, "the content of the pstore is not copied"],
  [/^memory \((?:nvdimm|virtio-pmem)\)/, "the content of persistent memory is not copied"],
  [/^filesystem\b/, "the shared folder of the host is not copied"],
];

/** Returns the state outside of the disks that a VM of the appliance does not get. */
function lostState({ os, otherDevices }: Domain): readonly string[] {
  const kept = keepers.flatMap(([device, state]) =>
    otherDevices.some((each) => device.test(each)) ? state : [],
  );
  const variables =
    "UEFI variables (NVRAM) are not copied: a new VM has the boot entries and Secure Boot keys of its firmware";
  return os.firmware === "uefi" ? [variables, ...kept] : kept;
}

/** Returns notes on parts of the machine that a descriptor cannot express. */
export function lostNotes(domain: Domain): DraftNote[] {
  const devices = domain.otherDevices.filter((device) => !leftToHost.test(device));
  const elements = domain.otherElements.filter((element) => !hostElements.has(element));
  const { memoryKiB, currentMemoryKiB } = domain;
  const inInterfaces = domain.interfaces.flatMap(({ otherParts }, index) =>
    otherParts.map((part) => `interface ${index + 1}: ${part} cannot be expressed`),
  );
  const lost = [
    ...domain.otherParts.map((part) => `${part} cannot be expressed`),
    ...inInterfaces,
    ...[...new Set(devices)].map((device) => `device ${device} cannot be expressed`),
    ...[...new Set(elements)].map((element) => `element <${element}> cannot be expressed`),
    ...lostState(domain),
  ];
  if (memoryKiB !== undefined && currentMemoryKiB !== undefined && currentMemoryKiB < memoryKiB) {
    const [current, most] = formatSizes(currentMemoryKiB * 1024, memoryKiB * 1024);
    lost.push(`current memory ${current} cannot be expressed; uses ${most}`);
  }
  return lost.map((message) => ({ kind: "lost", message }));
}
