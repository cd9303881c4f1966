import {
  choice,
  flag,
  integer,
  type OptionRow,
  type OptionTable,
  secret,
  text,
  type ValueTimes,
} from "./value-type.ts";

/** A secret option for self-encrypting disks. */
export const opal: OptionRow = { ...secret, since: { F: 41, RHEL: 11 } };

/** Releases that support a value for Btrfs. */
export const BTRFS: ValueTimes = { removed: { RHEL: 8 } };

/** For values that only Fedora's installer has the programs for. */
const FEDORA: ValueTimes = { removed: { RHEL: 0 } };

/**
 * File systems and other formats that installers create. EL has no Btrfs since release 8, and no programs that create
 * the file systems of other operating systems.
 *
 * @see pykickstart, RHEL8_Partition and its like; blivet, formats/fs.py; anaconda.spec, install-env-deps
 */
export const format: OptionRow = {
  ...text,
  closed: true,
  values: {
    biosboot: {},
    btrfs: BTRFS,
    efi: {},
    ext2: {},
    ext3: {},
    ext4: {},
    f2fs: FEDORA,
    lvmpv: {},
    macefi: {},
    mdmember: {},
    ntfs: FEDORA,
    prepboot: {},
    swap: {},
    tmpfs: {},
    vfat: {},
    xfs: {},
  },
};

/** Releases that support a value for self-encrypting disks, the same as for `--hw-passphrase`. */
const OPAL: ValueTimes = { since: { F: 41, RHEL: 11 } };

const luksVersion: OptionRow = {
  ...choice("luks1", "luks2", "luks2-hw-opal", "luks2-hw-opal-only"),
  values: { "luks2-hw-opal": OPAL, "luks2-hw-opal-only": OPAL },
  since: { F: 29, RHEL: 8 },
};

/** Options for LUKS, in every command that creates a device. */
export const encryption: OptionTable = {
  "--backuppassphrase": flag,
  "--cipher": text,
  "--encrypted": flag,
  "--escrowcert": text,
  "--luks-version": luksVersion,
  "--passphrase": secret,
  "--pbkdf": { ...text, since: { F: 29, RHEL: 8 } },
  "--pbkdf-iterations": { ...integer, since: { F: 29, RHEL: 8 } },
  "--pbkdf-memory": { ...integer, since: { F: 29, RHEL: 8 } },
  "--pbkdf-time": { ...integer, since: { F: 29, RHEL: 8 } },
};

/** Options for the file system on a device. */
export const fileSystem: OptionTable = {
  "--fsoptions": text,
  "--fsprofile": text,
  "--fstype": format,
  "--label": text,
  "--mkfsoptions": { ...text, since: { F: 23, RHEL: 7 } },
  "--noformat": flag,
};
