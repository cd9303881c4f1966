/** A disk of a domain. */
export interface DomainDisk {
  /** `disk`, `cdrom`, `floppy`, `lun`. */
  readonly device: string;
  /** Kind of source: `file`, `block`, `network`, `volume`, ... */
  readonly sourceType: string;
  /** Where the content is: a path for `file` and `block`, `POOL/VOLUME` for `volume`; undefined for an empty drive. */
  readonly source: string | undefined;
  /** Format as the driver is told it; undefined when it is not. */
  readonly format: string | undefined;
  readonly target: string | undefined;
  readonly bus: string | undefined;
  readonly isReadOnly: boolean;
  /** Whether libvirt throws writes away when the domain ends. */
  readonly isTransient: boolean;
  /** Place in the order in which devices are booted, the lowest first; undefined: it has none. */
  readonly bootOrder: number | undefined;
  /** What it says beyond this, each as `<element attribute='value'>`; without what is a host's own. */
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
  /** As of a disk. */
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

/** A virtual machine as libvirt describes it, as far as we use it. */
export interface Domain {
  readonly name: string;
  readonly uuid: string | undefined;
  /** Hypervisor: `kvm`, `qemu`, `xen`. */
  readonly type: string;
  /** Most memory the domain can have. */
  readonly memoryKiB: number | undefined;
  /** Memory it starts with. */
  readonly currentMemoryKiB: number | undefined;
  /** Most processors it can have. */
  readonly vcpu: number;
  readonly os: DomainOs;
  /** Whether a device says its place in the boot order: those that do not are not booted then. */
  readonly hasDeviceOrder: boolean;
  /** `acpi`, `apic`, `pae`, ...: on unless it says off. */
  readonly features: Readonly<Record<string, "on" | "off">>;
  readonly disks: readonly DomainDisk[];
  readonly interfaces: readonly DomainInterface[];
  /** Kinds of display: `vnc`, `spice`. */
  readonly graphics: readonly string[];
  /** Id of the operating system inside, as virt-install noted it. */
  readonly osinfo: string | undefined;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** What the host gave it: how many addresses and aliases of devices, and settings as `element attribute`. */
  readonly hostDetails: {
    readonly addresses: number;
    readonly aliases: number;
    readonly settings: readonly string[];
  };
  /** Other devices, each as `name (model or type)`, in document order. */
  readonly otherDevices: readonly string[];
  /** Names of other elements below `<domain>`, in document order. */
  readonly otherElements: readonly string[];
  /** What the elements that are read say beyond this, disks and interfaces apart; as of a disk. */
  readonly otherParts: readonly string[];
}
