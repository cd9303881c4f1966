/** Limits of a descriptor. A value outside them is a mistake or an attack, and is an error. */
export const limits = {
  /** Size of the descriptor itself: 1 MiB. */
  descriptorBytes: 1_048_576,
  nameChars: 100,
  versionChars: 64,
  releaseChars: 64,
  /** Label, licence, address, vendor, osinfo id, kernel parameters, defaults of parameters. */
  lineChars: 2048,
  descriptionChars: 65_536,
  changelogChars: 262_144,
  idChars: 255,
  boots: 64,
  disks: 256,
  interfaces: 64,
  parameters: 256,
  vcpu: 65_535,
  /** From the schema of 2007: a smaller value was meant in another unit. */
  leastMemoryKiB: 4000,
  /** 64 TiB. */
  mostMemoryKiB: 68_719_476_736,
  /** 1 PiB. */
  diskBytes: 1_125_899_906_842_624,
  epoch: 4_294_967_295,
  /** rpm keeps times in 32 bits. */
  dateSeconds: 4_294_967_295,
} as const;

/** Unit of a disk's `size`. It is called MB, but the original reader used 1024 MB per GiB, so it is a MiB. */
export const DISK_SIZE_UNIT_BYTES: number = 1_048_576;
