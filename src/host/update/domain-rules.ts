/** What an update does to one part of a domain's definition. */
export type DomainChange =
  | "instance"
  | "osinfo"
  | "kernel"
  | "initrd"
  | "cmdline"
  | "bootDevice"
  | "acpi"
  | "apic"
  | "pae"
  | "memory"
  | "shippedDisks";

/** Who decides about one part of a domain's definition when the VM is updated or rolled back. */
export interface DomainRule {
  /** Path below `<domain>`. */
  readonly element: string;
  readonly owner: "descriptor" | "administrator" | "virt-appliance";
  readonly rule: string;
  /** What is done; without it the part stays as it is. */
  readonly change?: DomainChange;
}

/**
 * Every part of a definition and who owns it: the whole policy of `update` and `rollback`. The first row that names a
 * part decides; docs/updates.md shows the same table, and a test keeps each row.
 */
export const domainRules: readonly DomainRule[] = [
  {
    element: "metadata/va:instance",
    owner: "virt-appliance",
    rule: "written anew: version, disks, what can be rolled back to",
    change: "instance",
  },
  {
    element: "metadata/libosinfo:libosinfo",
    owner: "descriptor",
    rule: "names the new version where it named one of an appliance; another choice stays",
    change: "osinfo",
  },
  { element: "metadata/*", owner: "administrator", rule: "stays" },
  {
    element: "title, description",
    owner: "virt-appliance",
    rule: "those of the new version, while they are what create, adopt or update wrote; changed or removed ones stay",
    change: "instance",
  },
  {
    element: "os/kernel",
    owner: "descriptor",
    rule: "the VM's own copy of the version's kernel; gone when the version has none",
    change: "kernel",
  },
  {
    element: "os/initrd",
    owner: "descriptor",
    rule: "the VM's own copy of the version's initial RAM disk; gone when the version has none",
    change: "initrd",
  },
  {
    element: "os/cmdline",
    owner: "descriptor",
    rule: "the version's kernel command line; gone when the version has none",
    change: "cmdline",
  },
  {
    element: "os/boot",
    owner: "descriptor",
    rule: "the version's boot device, unless it is among those set already or devices have an order of their own",
    change: "bootDevice",
  },
  {
    element: "os/*",
    owner: "administrator",
    rule: "stays: machine type, firmware, NVRAM; a version that needs another firmware or architecture is refused",
  },
  {
    element: "features/acpi",
    owner: "descriptor",
    rule: "on or off as the version says; stays when it says nothing",
    change: "acpi",
  },
  {
    element: "features/apic",
    owner: "descriptor",
    rule: "on or off as the version says; stays when it says nothing",
    change: "apic",
  },
  {
    element: "features/pae",
    owner: "descriptor",
    rule: "on or off as the version says; stays when it says nothing",
    change: "pae",
  },
  { element: "features/*", owner: "administrator", rule: "stays" },
  {
    element: "memory, currentMemory",
    owner: "administrator",
    rule: "stay; raised to the least that the version starts with",
    change: "memory",
  },
  {
    element: "vcpu, cpu",
    owner: "administrator",
    rule: "stay; a different value in the version is reported",
  },
  {
    element: "devices/disk of role system",
    owner: "descriptor",
    rule: "a new overlay on the version's base, not smaller than before; bus, cache and all else of the element stay",
    change: "shippedDisks",
  },
  {
    element: "devices/disk of role data",
    owner: "administrator",
    rule: "stays, also when the version no longer names it; a new one is added, a grown size is applied to the file",
    change: "shippedDisks",
  },
  {
    element: "devices/disk of role scratch",
    owner: "descriptor",
    rule: "a fresh file, not smaller than before; bus, cache and all else of the element stay",
    change: "shippedDisks",
  },
  {
    element: "devices/disk with the parameters",
    owner: "administrator",
    rule: "stays: the VM keeps its parameters; disks that are added come before it",
  },
  { element: "devices/disk of nobody's", owner: "administrator", rule: "stays" },
  {
    element: "devices/interface",
    owner: "administrator",
    rule: "stays with its MAC address; a version that wants more of them says so",
  },
  { element: "devices/tpm", owner: "administrator", rule: "stays, as does its state" },
  { element: "devices/*", owner: "administrator", rule: "stays" },
  {
    element: "name, uuid",
    owner: "administrator",
    rule: "stay: NVRAM and TPM state belong to them",
  },
  { element: "*", owner: "administrator", rule: "stays" },
];
