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

/** Of disks that encrypt themselves. */
export const opal: OptionRow = { ...secret, since: { F: 41, RHEL: 11 } };

/** What says that something is Btrfs. */
export const BTRFS: ValueTimes = { removed: { RHEL: 8 } };

/** What only Fedora's installer has the programs for. */
const FEDORA: ValueTimes = { removed: { RHEL: 0 } };

/**
 * File systems and other formats that installers make. EL has no Btrfs since its release 8, and no programs that make
 * those of other systems.
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

/** Of disks that encrypt themselves, as `--hw-passphrase`. */
const OPAL: ValueTimes = { since: { F: 41, RHEL: 11 } };

const luksVersion: OptionRow = {
  ...choice("luks1", "luks2", "luks2-hw-opal", "luks2-hw-opal-only"),
  values: { "luks2-hw-opal": OPAL, "luks2-hw-opal-only": OPAL },
  since: { F: 29, RHEL: 8 },
};

/** LUKS, in every command that makes a device. */
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

/** Of what a device is to hold. */
export const fileSystem: OptionTable = {
  "--fsoptions": text,
  "--fsprofile": text,
  "--fstype": format,
  "--label": text,
  "--mkfsoptions": { ...text, since: { F: 23, RHEL: 7 } },
  "--noformat": flag,
};
