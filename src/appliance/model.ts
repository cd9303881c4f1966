/** Virtualisation type of a boot descriptor: Xen paravirtual, or a full machine. */
export type BootType = "xen" | "hvm";

/** Use of a disk: a shared base with an overlay, the VM's own and kept, or the VM's own and disposable. */
export type DiskRole = "system" | "data" | "scratch";

/** Formats of a disk that the descriptor can name. */
export type DiskFormat = "raw" | "iso" | "qcow" | "qcow2" | "vmdk" | "vdi";

/** Formats of disks in packages and on hosts; disks in other formats are converted to qcow2. */
export type ShippedFormat = Extract<DiskFormat, "raw" | "iso" | "qcow2">;

/** Formats whose files contain exactly the bytes of the disk, so that their length is the size of the disk. */
export type PlainFormat = Extract<DiskFormat, "raw" | "iso">;

/** Formats of the images of discs, which are attached as CD-ROMs. */
export type DiscFormat = Extract<DiskFormat, "iso">;

/** Digest of a disk file, as the descriptor states it. */
export interface Checksum {
  readonly type: "sha1" | "sha256";
  /** Lower-case hex. */
  readonly value: string;
}

/** One disk of the appliance. */
export interface Disk {
  /** Unique in the appliance. Default: the file name. */
  readonly id: string;
  /** Relative to the descriptor. A data or scratch disk that is only a size may have no file in the source. */
  readonly file: string;
  readonly role: DiskRole;
  readonly format: DiskFormat;
  /** Size as seen by the VM, in bytes; undefined if the descriptor has none. */
  readonly sizeBytes: number | undefined;
  readonly checksums: readonly Checksum[];
  /** Line of the element in the descriptor, 1-based. */
  readonly line: number;
}

/** A disk attached to the VM, in boot order. */
export interface Drive {
  /** Id of a disk. */
  readonly disk: string;
  /** Device name in the VM (`vda`, `hda`). Default: assigned in order. */
  readonly target: string | undefined;
  readonly line: number;
}

/** A processor feature that must be on or off. */
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

/** One way to run the appliance. The first one that matches the host is used. */
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
  /** Model of the card (`virtio`, `e1000`). Default: chosen by the host. */
  readonly model: string | undefined;
}

/** A value that can be set for a VM of the appliance. */
export interface Parameter {
  readonly name: string;
  readonly description: string | undefined;
  readonly default: string | undefined;
  readonly required: boolean;
}

/** A virtual appliance: disk images and the description of their virtual machine. Immutable. */
export interface Appliance {
  readonly name: string;
  /** Upstream version, without release; undefined if the descriptor has none. */
  readonly version: string | undefined;
  readonly release: string | undefined;
  readonly epoch: number | undefined;
  readonly label: string | undefined;
  readonly description: string | undefined;
  readonly license: string | undefined;
  readonly url: string | undefined;
  readonly vendor: string | undefined;
  /** Packager of the packages: `Name <address>`. */
  readonly packager: string | undefined;
  /** Changelog in the format of rpm's `%changelog`. */
  readonly changelog: string | undefined;
  /** Release date of the appliance, Unix seconds. Default build time of its packages. */
  readonly dateSeconds: number | undefined;
  /** In document order. */
  readonly boots: readonly Boot[];
  readonly vcpu: number;
  /** Undefined if the descriptor does not set it. */
  readonly memoryKiB: number | undefined;
  /** Minimum memory of the appliance. Default: `memoryKiB`. */
  readonly minimumMemoryKiB: number | undefined;
  readonly interfaces: readonly NetworkInterface[];
  readonly graphics: boolean;
  /** Firmware that the VM needs. Default: the host's (BIOS on x86). */
  readonly firmware: "bios" | "uefi" | undefined;
  /** libosinfo id of the operating system in the appliance (`http://debian.org/debian/12`). */
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
  /** Starts with the subject, followed by the fact, the expected and the found value. */
  readonly message: string;
  /** 1-based line in the descriptor; undefined if the problem has no line. */
  readonly line: number | undefined;
}
