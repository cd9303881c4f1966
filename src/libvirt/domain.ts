/** A disk of a domain. */
export interface DomainDisk {
  /** `disk`, `cdrom`, `floppy`, `lun`. */
  readonly device: string;
  /** Kind of source: `file`, `block`, `network`, `volume`, ... */
  readonly sourceType: string;
  /** Location of the content: a path for `file` and `block`, `POOL/VOLUME` for `volume`; undefined if empty drive. */
  readonly source: string | undefined;
  /** Format in `<driver type>`; undefined if it is not set. */
  readonly format: string | undefined;
  readonly target: string | undefined;
  readonly bus: string | undefined;
  readonly isReadOnly: boolean;
  /** Whether libvirt discards the writes when the domain ends. */
  readonly isTransient: boolean;
  /** Position in the boot order, lowest first; undefined if it has none. */
  readonly bootOrder: number | undefined;
  /** Parts of its XML that no field holds, each as `<element attribute='value'>`, without host-specific parts. */
  readonly otherParts: readonly string[];
}

/** A network interface of a domain. */
export interface DomainInterface {
  /** `network`, `bridge`, `user`, ... */
  readonly type: string;
  /** Name of the network or bridge. */
  readonly source: string | undefined;
  readonly mac: string | undefined;
  readonly model: string | undefined;
  /** As in {@link DomainDisk}. */
  readonly otherParts: readonly string[];
}

/** How a domain starts. */
export interface DomainOs {
  /** `hvm`, or `xen` for paravirtual machines (which libvirt also spells `linux`). */
  readonly type: string;
  readonly arch: string | undefined;
  readonly machine: string | undefined;
  /** Devices in boot order: `hd`, `cdrom`, `network`. */
  readonly bootDevices: readonly string[];
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly cmdline: string | undefined;
  /** Program on the host that finds the kernel of a paravirtual machine. */
  readonly bootloader: string | undefined;
  readonly firmware: "bios" | "uefi" | undefined;
}

/** A virtual machine: the part of libvirt's domain XML that this program uses. */
export interface Domain {
  readonly name: string;
  readonly uuid: string | undefined;
  /** Hypervisor: `kvm`, `qemu`, `xen`. */
  readonly type: string;
  /** Maximum memory of the domain. */
  readonly memoryKiB: number | undefined;
  /** Memory of the domain at start. */
  readonly currentMemoryKiB: number | undefined;
  /** Maximum number of processors. */
  readonly vcpu: number;
  readonly os: DomainOs;
  /** Whether any device has a `<boot order>`; devices without one are then not booted. */
  readonly hasDeviceOrder: boolean;
  /** State of `acpi`, `apic`, `pae`, ...; a feature in the XML is on, except with `state='off'`. */
  readonly features: Readonly<Record<string, "on" | "off">>;
  readonly disks: readonly DomainDisk[];
  readonly interfaces: readonly DomainInterface[];
  /** Kinds of display: `vnc`, `spice`. */
  readonly graphics: readonly string[];
  /** Id of the guest operating system, as virt-install recorded it. */
  readonly osinfo: string | undefined;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** Host-specific details: number of device addresses and aliases, and settings as `element attribute`. */
  readonly hostDetails: {
    readonly addresses: number;
    readonly aliases: number;
    readonly settings: readonly string[];
  };
  /** Other devices, each as `name (model or type)`, in document order. */
  readonly otherDevices: readonly string[];
  /** Names of other elements below `<domain>`, in document order. */
  readonly otherElements: readonly string[];
  /** Other parts of the elements that are read, except disks and interfaces; as in {@link DomainDisk}. */
  readonly otherParts: readonly string[];
}
