/** Change of one part of a domain's definition. */
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

/** The owner of one part of a domain's definition, and the rule for an update or rollback. */
export interface DomainRule {
  /** Path below `<domain>`. */
  readonly element: string;
  readonly owner: "descriptor" | "administrator" | "virt-appliance";
  readonly rule: string;
  /** The change; without it the part is kept. */
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
    rule: "rewritten: version, disks, rollback point",
    change: "instance",
  },
  {
    element: "metadata/libosinfo:libosinfo",
    owner: "descriptor",
    rule: "updated to the new version if it named an appliance; any other value is kept",
    change: "osinfo",
  },
  { element: "metadata/*", owner: "administrator", rule: "kept" },
  {
    element: "title, description",
    owner: "virt-appliance",
    rule: "those of the new version, if create, adopt or update wrote the current ones; otherwise kept",
    change: "instance",
  },
  {
    element: "os/kernel",
    owner: "descriptor",
    rule: "the VM's own copy of the version's kernel; removed if the version has none",
    change: "kernel",
  },
  {
    element: "os/initrd",
    owner: "descriptor",
    rule: "the VM's own copy of the version's initial RAM disk; removed if the version has none",
    change: "initrd",
  },
  {
    element: "os/cmdline",
    owner: "descriptor",
    rule: "the version's kernel command line; removed if the version has none",
    change: "cmdline",
  },
  {
    element: "os/boot",
    owner: "descriptor",
    rule: "the version's boot device, unless it is already listed or devices have boot orders",
    change: "bootDevice",
  },
  {
    element: "os/*",
    owner: "administrator",
    rule: "kept: machine type, firmware, NVRAM; a version that needs another firmware or architecture is refused",
  },
  {
    element: "features/acpi",
    owner: "descriptor",
    rule: "as in the version; kept if the version does not set it",
    change: "acpi",
  },
  {
    element: "features/apic",
    owner: "descriptor",
    rule: "as in the version; kept if the version does not set it",
    change: "apic",
  },
  {
    element: "features/pae",
    owner: "descriptor",
    rule: "as in the version; kept if the version does not set it",
    change: "pae",
  },
  { element: "features/*", owner: "administrator", rule: "kept" },
  {
    element: "memory, currentMemory",
    owner: "administrator",
    rule: "kept; raised to the minimum of the version",
    change: "memory",
  },
  {
    element: "vcpu, cpu",
    owner: "administrator",
    rule: "kept; a different value in the version is reported",
  },
  {
    element: "devices/disk of role system",
    owner: "descriptor",
    rule: "a new overlay on the version's base, not smaller than before; bus, cache and the rest of the element are kept",
    change: "shippedDisks",
  },
  {
    element: "devices/disk of role data",
    owner: "administrator",
    rule: "kept, even if the version no longer has it; a new one is added, a larger size is applied to the file",
    change: "shippedDisks",
  },
  {
    element: "devices/disk of role scratch",
    owner: "descriptor",
    rule: "a new file, not smaller than before; bus, cache and the rest of the element are kept",
    change: "shippedDisks",
  },
  {
    element: "devices/disk with the parameters",
    owner: "administrator",
    rule: "kept: the VM keeps its parameters; added disks come before it",
  },
  { element: "devices/disk of no role", owner: "administrator", rule: "kept" },
  {
    element: "devices/interface",
    owner: "administrator",
    rule: "kept with its MAC address; a version that wants more interfaces is reported",
  },
  { element: "devices/tpm", owner: "administrator", rule: "kept, with its state" },
  { element: "devices/*", owner: "administrator", rule: "kept" },
  {
    element: "name, uuid",
    owner: "administrator",
    rule: "kept: NVRAM and TPM state belong to them",
  },
  { element: "*", owner: "administrator", rule: "kept" },
];
