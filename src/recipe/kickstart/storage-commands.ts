import { each, eachBy, eachFirstWord, row } from "./command-row.ts";
import type { CommandRow } from "./command-row.ts";
import { choice, flag, integer, list, number, secret, text } from "./value-type.ts";
import type { OptionTable } from "./value-type.ts";

/** LUKS, in every command that makes a device. */
const encryption: OptionTable = {
  "--backuppassphrase": flag,
  "--cipher": text,
  "--encrypted": flag,
  "--escrowcert": text,
  "--luks-version": { ...choice("luks1", "luks2"), since: { F: 29, RHEL: 8 } },
  "--passphrase": secret,
  "--pbkdf": { ...text, since: { F: 29, RHEL: 8 } },
  "--pbkdf-iterations": { ...integer, since: { F: 29, RHEL: 8 } },
  "--pbkdf-memory": { ...integer, since: { F: 29, RHEL: 8 } },
  "--pbkdf-time": { ...integer, since: { F: 29, RHEL: 8 } },
};

const fileSystem: OptionTable = {
  "--fsoptions": text,
  "--fsprofile": text,
  "--fstype": text,
  "--label": text,
  "--mkfsoptions": { ...text, since: { F: 23, RHEL: 7 } },
  "--noformat": flag,
};

const partition: OptionTable = {
  ...encryption,
  ...fileSystem,
  "--active": flag,
  "--asprimary": flag,
  "--bytes-per-inode": { ...integer, removed: { F: 14, RHEL: 7 } },
  "--end": { ...integer, deprecated: { F: 11, RHEL: 6 }, removed: { F: 29, RHEL: 8 } },
  "--grow": flag,
  "--hibernation": { ...flag, since: { F: 18, RHEL: 7 } },
  "--maxsize": integer,
  "--onbiosdisk": text,
  "--ondisk": text,
  "--ondrive": text,
  "--onpart": text,
  "--recommended": flag,
  "--resize": { ...flag, since: { F: 17, RHEL: 7 } },
  "--size": integer,
  "--start": { ...integer, deprecated: { F: 11, RHEL: 6 }, removed: { F: 29, RHEL: 8 } },
  "--type": { ...text, removed: { F: 11, RHEL: 6 } },
  "--usepart": text,
};

const mountAndDevices = { least: 1, most: 1000 };

/** What is said about disks: the builder's, because the descriptor has the disks. */
export const storageCommands: readonly CommandRow[] = [
  row("autopart", "F38_AutoPart", "builder", {
    options: {
      ...encryption,
      "--fstype": { ...text, since: { F: 21, RHEL: 7 } },
      "--hibernation": { ...flag, since: { F: 37, RHEL: 9 } },
      "--noboot": { ...flag, since: { F: 26, RHEL: 8 } },
      "--nohome": { ...flag, since: { F: 26, RHEL: 7 } },
      "--nolvm": flag,
      "--noswap": { ...flag, since: { F: 26, RHEL: 8 } },
      "--type": choice("lvm", "btrfs", "partition", "plain", "thinp"),
    },
  }),
  row("bootloader", "F39_Bootloader", "builder", {
    options: {
      "--append": text,
      "--boot-drive": text,
      "--default": text,
      "--disabled": flag,
      "--driveorder": list,
      "--extlinux": flag,
      "--iscrypted": flag,
      "--lba32": { ...flag, deprecated: { F: 12, RHEL: 6 }, removed: { F: 18, RHEL: 7 } },
      "--leavebootorder": { ...flag, since: { F: 18, RHEL: 7 } },
      "--linear": { ...flag, removed: { F: 9, RHEL: 6 } },
      "--location": choice("mbr", "partition", "none", "boot"),
      "--md5pass": { ...secret, removed: { F: 29, RHEL: 8 } },
      "--nolinear": { ...flag, removed: { F: 9, RHEL: 6 } },
      "--nombr": { ...flag, since: { F: 21, RHEL: 7 } },
      "--password": secret,
      "--sdboot": { ...flag, since: { F: 39, RHEL: 10 } },
      "--timeout": integer,
      "--upgrade": { ...flag, removed: { F: 29, RHEL: 8 } },
    },
  }),
  row("btrfs", "F23_BTRFS", "builder", {
    combine: eachFirstWord,
    words: mountAndDevices,
    options: {
      "--data": text,
      "--label": text,
      "--metadata": text,
      "--mkfsoptions": text,
      "--name": text,
      "--noformat": flag,
      "--parent": text,
      "--subvol": flag,
      "--useexisting": flag,
    },
    removed: { RHEL: 8 },
  }),
  row("clearpart", "F28_ClearPart", "builder", {
    options: {
      "--all": flag,
      "--cdl": { ...flag, since: { F: 28, RHEL: 8 } },
      "--disklabel": { ...text, since: { F: 21, RHEL: 7 } },
      "--drives": list,
      "--initlabel": flag,
      "--linux": flag,
      "--list": list,
      "--none": flag,
    },
  }),
  row("ignoredisk", "F34_IgnoreDisk", "builder", {
    options: {
      "--drives": list,
      "--interactive": { ...flag, deprecated: { F: 29 }, removed: { F: 34, RHEL: 9 } },
      "--only-use": list,
    },
  }),
  row("logvol", "F29_LogVol", "builder", {
    combine: eachBy("--name"),
    words: { least: 1, most: 1 },
    options: {
      ...encryption,
      ...fileSystem,
      "--bytes-per-inode": { ...integer, removed: { F: 14, RHEL: 7 } },
      "--cachemode": text,
      "--cachepvs": list,
      "--cachesize": integer,
      "--chunksize": integer,
      "--grow": flag,
      "--hibernation": flag,
      "--maxsize": integer,
      "--metadatasize": integer,
      "--name": text,
      "--percent": integer,
      "--poolname": text,
      "--profile": text,
      "--recommended": flag,
      "--resize": flag,
      "--size": integer,
      "--thin": flag,
      "--thinpool": flag,
      "--useexisting": flag,
      "--vgname": text,
    },
  }),
  row("mount", "F27_Mount", "builder", {
    combine: each,
    words: { least: 2, most: 2 },
    options: { "--mkfsoptions": text, "--mountoptions": text, "--reformat": text },
    since: { F: 27, RHEL: 8 },
  }),
  ...["part", "partition"].map((name) =>
    row(name, "F41_Partition", "builder", {
      combine: eachFirstWord,
      words: { least: 1, most: 1 },
      options: partition,
    }),
  ),
  row("raid", "F29_Raid", "builder", {
    combine: eachBy("--device"),
    words: mountAndDevices,
    options: {
      ...encryption,
      ...fileSystem,
      "--chunksize": integer,
      "--device": text,
      "--level": text,
      "--spares": integer,
      "--useexisting": flag,
    },
  }),
  row("reqpart", "F23_ReqPart", "builder", {
    options: { "--add-boot": flag },
    since: { F: 23, RHEL: 7 },
  }),
  row("snapshot", "F26_Snapshot", "builder", {
    combine: eachBy("--name"),
    words: { least: 1, most: 1 },
    options: { "--name": text, "--when": choice("post-install", "pre-install") },
    since: { F: 26, RHEL: 7 },
  }),
  row("volgroup", "F21_VolGroup", "builder", {
    combine: eachFirstWord,
    words: mountAndDevices,
    options: {
      "--noformat": flag,
      "--pesize": integer,
      "--reserved-percent": number,
      "--reserved-space": integer,
      "--useexisting": flag,
    },
  }),
  row("zerombr", "F9_ZeroMbr", "builder", { words: { least: 0, most: 1 } }),
  row("zipl", "F32_Zipl", "builder", {
    options: { "--no-secure-boot": flag, "--secure-boot": flag, "--force-secure-boot": flag },
    since: { F: 32, RHEL: 8 },
  }),
  // Storage outside of the VM: the descriptor has none, and what a site attaches is the site's.
  row("fcoe", "RHEL7_Fcoe", "site", {
    combine: eachBy("--nic"),
    options: { "--autovlan": flag, "--dcb": flag, "--nic": text },
  }),
  row("iscsi", "F17_Iscsi", "site", {
    combine: each,
    options: {
      "--iface": text,
      "--ipaddr": text,
      "--password": secret,
      "--port": integer,
      "--reverse-password": secret,
      "--reverse-user": text,
      "--target": text,
      "--user": text,
    },
  }),
  row("iscsiname", "FC6_IscsiName", "site", { words: { least: 1, most: 1 } }),
  row("nvdimm", "F40_Nvdimm", "neither", {
    combine: each,
    words: { least: 1, most: 1 },
    options: {
      "--blockdevs": list,
      "--mode": text,
      "--namespace": text,
      "--sectorsize": integer,
    },
    since: { F: 28, RHEL: 8 },
  }),
  row("zfcp", "F37_ZFCP", "neither", {
    combine: each,
    options: {
      "--devnum": text,
      "--fcplun": text,
      "--wwpn": text,
    },
  }),
];
