/** Virtualisation type of a boot descriptor: Xen paravirtual, or a full machine. */
export type BootType = "xen" | "hvm";

/** What a VM does with a disk: shared base, own and kept, or own and thrown away. */
export type DiskRole = "system" | "data" | "scratch";

/** Formats of a disk that the descriptor can name. */
export type DiskFormat = "raw" | "iso" | "qcow" | "qcow2" | "vmdk" | "vdi";

/** Formats of disks in packages and on hosts; disks in other formats are converted to qcow2. */
export type ShippedFormat = Extract<DiskFormat, "raw" | "iso" | "qcow2">;

/** Formats whose files hold the bytes of the disk one for one, so that their length is the size of the disk. */
export type PlainFormat = Extract<DiskFormat, "raw" | "iso">;

/** Digest of a disk file, as the descriptor states it. */
export interface Checksum {
  readonly type: "sha1" | "sha256";
  /** Lower-case hex. */
  readonly value: string;
}

/** One disk of the appliance. */
export interface Disk {
  /** Unique in the appliance; defaults to the file. */
  readonly id: string;
  /** Relative to the descriptor. A data or scratch disk that is only a size may have no file in the source. */
  readonly file: string;
  readonly role: DiskRole;
  readonly format: DiskFormat;
  /** Size as seen by the VM, in bytes; undefined when the descriptor does not say. */
  readonly sizeBytes: number | undefined;
  readonly checksums: readonly Checksum[];
  /** Line of the element in the descriptor, 1-based. */
  readonly line: number;
}

/** A disk attached to the VM, in boot order. */
export interface Drive {
  /** Id of a disk. */
  readonly disk: string;
  /** Device name in the VM (`vda`, `hda`); undefined: assigned in order. */
  readonly target: string | undefined;
  readonly line: number;
}

/** A processor feature that the VM wants on or off. */
export type FeatureName = "pae" | "acpi" | "apic";

/** How the VM starts. */
export type BootOs =
  | { readonly kind: "loader"; readonly device: "hd" | "cdrom" }
  | { readonly kind: "bootloader"; readonly program: string }
  | {
      readonly kind: "kernel";
      /** Relative to the descriptor. */
      readonly kernel: string;
      readonly initrd: string | undefined;
      readonly cmdline: string | undefined;
    };

/** One way to run the appliance; the first that suits a host is taken. */
export interface Boot {
  readonly type: BootType;
  /** Canonical: `i686`, `x86_64`, `aarch64`, ... */
  readonly arch: string;
  readonly features: Readonly<Partial<Record<FeatureName, "on" | "off">>>;
  readonly os: BootOs;
  readonly drives: readonly Drive[];
  readonly line: number;
}

/** A network interface of the VM. */
export interface NetworkInterface {
  /** Model of the card (`virtio`, `e1000`); undefined: the host's choice. */
  readonly model: string | undefined;
}

/** A value that a VM made from the appliance can be given. */
export interface Parameter {
  readonly name: string;
  readonly description: string | undefined;
  readonly default: string | undefined;
  readonly required: boolean;
}

/** A virtual appliance: disk images and a description of the virtual machine they make up. Immutable. */
export interface Appliance {
  readonly name: string;
  /** Upstream version, without release; undefined when the descriptor has none. */
  readonly version: string | undefined;
  readonly release: string | undefined;
  readonly epoch: number | undefined;
  readonly label: string | undefined;
  readonly description: string | undefined;
  readonly license: string | undefined;
  readonly url: string | undefined;
  readonly vendor: string | undefined;
  /** Who makes the packages: `Name <address>`. */
  readonly packager: string | undefined;
  /** What changed, as rpm's `%changelog` has it. */
  readonly changelog: string | undefined;
  /** Release date of the appliance, Unix seconds: the build time of its packages when nothing else is said. */
  readonly dateSeconds: number | undefined;
  /** In document order. */
  readonly boots: readonly Boot[];
  readonly vcpu: number;
  /** Undefined when the descriptor does not say. */
  readonly memoryKiB: number | undefined;
  /** Least memory that the appliance starts with; undefined: `memoryKiB`. */
  readonly minimumMemoryKiB: number | undefined;
  readonly interfaces: readonly NetworkInterface[];
  readonly graphics: boolean;
  /** Firmware that the VM needs; undefined: the host's default (BIOS on x86). */
  readonly firmware: "bios" | "uefi" | undefined;
  /** Id of the operating system inside, as libosinfo knows it (`http://debian.org/debian/12`). */
  readonly osinfo: string | undefined;
  readonly parameters: readonly Parameter[];
  /** Relative path of a list of the packages inside, shipped as documentation. */
  readonly packageList: string | undefined;
  readonly disks: readonly Disk[];
}

/** One finding about a descriptor, a source or a package. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** Stable, kebab-case: `drive-unknown-disk`. */
  readonly code: string;
  /** Subject first, then the fact, expected and found. */
  readonly message: string;
  /** 1-based line in the descriptor; undefined when the problem has no place there. */
  readonly line: number | undefined;
}
