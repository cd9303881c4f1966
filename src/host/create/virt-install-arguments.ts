import { type Appliance, type Boot, isDiscFormat } from "../../appliance/index.ts";
import type { CreateRequest } from "./create-request.ts";
import type { PlannedDisk } from "../domain/plan-disks.ts";

/** Default memory. */
const DEFAULT_MEMORY_MIB = 1024;

/**
 * Placeholder for a disk until the real one is written into the printed XML. It is a network disk, because for a file
 * virt-install would create the file, and a pool for its folder.
 */
export function placeholderName(index: number): string {
  return `virt-appliance-disk-${index}`;
}

/** Input for virt-install's arguments. */
export interface VirtInstallInput {
  readonly request: CreateRequest;
  readonly appliance: Appliance;
  readonly boot: Boot;
  readonly domainType: string;
  readonly osinfo: string | undefined;
  readonly uri: string | undefined;
  readonly disks: readonly PlannedDisk[];
}

/** Buses by the prefix of a device name; virt-install chooses for others. */
const buses: Readonly<Record<string, string>> = { vd: "virtio", sd: "sata", xvd: "xen" };

function diskOption(
  index: number,
  disk: Pick<PlannedDisk, "format" | "wantedTarget">,
): readonly string[] {
  const { wantedTarget, format } = disk;
  const prefix = /^(vd|sd|xvd)[a-z]+$/.exec(wantedTarget ?? "")?.[1];
  const bus = prefix === undefined ? undefined : buses[prefix];
  const isDisc = isDiscFormat(format);
  const parts = [
    "type=network",
    "source.protocol=nbd",
    `source.name=${placeholderName(index)}`,
    `driver.type=${isDisc ? "raw" : format}`,
    ...(isDisc ? ["device=cdrom", "readonly=on"] : ["driver.discard=unmap"]),
    // The usual device names of a CD-ROM drive are on buses that the host chooses.
    ...(bus === undefined || isDisc ? [] : [`target.dev=${wantedTarget}`, `target.bus=${bus}`]),
  ];
  return ["--disk", parts.join(",")];
}

function diskOptions({ disks }: VirtInstallInput): readonly string[] {
  const options = disks.flatMap((disk, index) => diskOption(index, disk));
  return options.length === 0 ? ["--disk", "none"] : options;
}

/** Returns an interface in virt-install's syntax: a bare word is the name of a network. */
function networkOption(network: string): string {
  const [first = ""] = network.split(",");
  return first.includes("=") || first === "none" || first === "user"
    ? network
    : `network=${network}`;
}

function networkOptions({ request, appliance }: VirtInstallInput): readonly string[] {
  const defaults = appliance.interfaces.map(
    (each) => `default${each.model === undefined ? "" : `,model=${each.model}`}`,
  );
  const { networks: chosen = [] } = request;
  const networks = chosen.length > 0 ? chosen : defaults;
  if (networks.length === 0) return ["--network", "none"];
  const mac = request.mac === undefined ? "" : `,mac=${request.mac}`;
  return networks.flatMap((network, index) => [
    "--network",
    `${networkOption(network)}${index === 0 ? mac : ""}`,
  ]);
}

function bootOptions({ boot, appliance }: VirtInstallInput): readonly string[] {
  const parts = [
    ...(boot.os.kind === "loader" && boot.os.device === "cdrom" ? ["cdrom"] : []),
    ...(appliance.firmware === "uefi" ? ["uefi"] : []),
  ];
  return parts.length === 0 ? [] : ["--boot", parts.join(",")];
}

function featureOptions({ boot }: VirtInstallInput): readonly string[] {
  const off = Object.entries(boot.features).filter(([, state]) => state === "off");
  return off.length === 0 ? [] : ["--features", off.map(([name]) => `${name}=off`).join(",")];
}

function graphicsOptions({ request, appliance }: VirtInstallInput): readonly string[] {
  if (request.graphics !== undefined) return ["--graphics", request.graphics];
  return appliance.graphics ? [] : ["--graphics", "none"];
}

/** Returns the memory of a new VM in MiB, rounded up. */
export function memoryMiBOf(request: CreateRequest, appliance: Appliance): number {
  if (request.memoryMiB !== undefined) return request.memoryMiB;
  return appliance.memoryKiB === undefined
    ? DEFAULT_MEMORY_MIB
    : Math.ceil(appliance.memoryKiB / 1024);
}

/** Returns the arguments with which virt-install prints the domain of a new VM, and creates nothing. */
export function virtInstallArguments(input: VirtInstallInput): readonly string[] {
  const { request, appliance, boot } = input;
  return [
    ...(input.uri === undefined ? [] : ["--connect", input.uri]),
    "--print-xml",
    "--dry-run",
    "--noautoconsole",
    "--name",
    request.vm,
    "--memory",
    String(memoryMiBOf(request, appliance)),
    "--vcpus",
    String(request.vcpus ?? appliance.vcpu),
    "--osinfo",
    input.osinfo === undefined ? "detect=on,require=off" : `id=${input.osinfo}`,
    "--virt-type",
    input.domainType,
    "--arch",
    boot.arch,
    boot.type === "xen" ? "--paravirt" : "--hvm",
    "--install",
    "no_install=yes",
    ...diskOptions(input),
    ...networkOptions(input),
    ...bootOptions(input),
    ...featureOptions(input),
    ...graphicsOptions(input),
    ...(request.extra ?? []),
  ];
}
