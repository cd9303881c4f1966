import { each, eachBy, eachFirstWord, row } from "./command-row.ts";
import type { CommandRow } from "./command-row.ts";
import { choice, flag, integer, list, required, secret, text } from "./value-type.ts";
import type { OptionTable } from "./value-type.ts";
import { BTRFS, encryption, fileSystem, format, opal } from "./storage-options.ts";

const partition: OptionTable = {
  ...encryption,
  ...fileSystem,
  "--active": { ...flag, deprecated: { F: 29, RHEL: 8 }, removed: { F: 34, RHEL: 9 } },
  "--asprimary": flag,
  "--bytes-per-inode": { ...integer, removed: { F: 14, RHEL: 7 } },
  "--end": { ...integer, deprecated: { F: 11, RHEL: 6 }, removed: { F: 14, RHEL: 7 } },
  "--grow": flag,
  "--hibernation": { ...flag, since: { F: 18, RHEL: 7 } },
  "--hw-passphrase": opal,
  "--maxsize": integer,
  "--onbiosdisk": text,
  "--ondisk": text,
  "--ondrive": text,
  "--onpart": text,
  "--recommended": flag,
  "--resize": { ...flag, since: { F: 17, RHEL: 7 } },
  "--size": integer,
  "--start": { ...integer, deprecated: { F: 11, RHEL: 6 }, removed: { F: 14, RHEL: 7 } },
  "--type": text,
  "--usepart": text,
};

const mountAndDevices = { least: 1, most: 1000 };

/** What is said about disks: the builder's, because the descriptor has the disks. */
export const storageCommands: readonly CommandRow[] = [
  row("autopart", "autopart.F41_AutoPart", "builder", {
    options: {
      ...encryption,
      "--fstype": { ...format, since: { F: 21, RHEL: 7 } },
      "--hibernation": { ...flag, since: { F: 38, RHEL: 10 } },
      "--hw-passphrase": opal,
      "--noboot": { ...flag, since: { F: 26, RHEL: 8 } },
      "--nohome": { ...flag, since: { F: 26, RHEL: 7 } },
      "--nolvm": flag,
      "--noswap": { ...flag, since: { F: 26, RHEL: 8 } },
      "--type": {
        ...choice("lvm", "btrfs", "partition", "plain", "thinp"),
        values: { btrfs: BTRFS },
      },
    },
    excludes: [
      { option: "--fstype", value: "btrfs" },
      { option: "--type", value: "btrfs", beside: "--fstype" },
    ],
  }),
  row("bootloader", "bootloader.F39_Bootloader", "builder", {
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
      "--md5pass": secret,
      "--nolinear": { ...flag, removed: { F: 9, RHEL: 6 } },
      "--nombr": { ...flag, since: { F: 21, RHEL: 7 } },
      "--password": secret,
      "--sdboot": { ...flag, since: { F: 39, RHEL: 10 } },
      "--timeout": integer,
      "--upgrade": { ...flag, deprecated: { F: 29, RHEL: 8 }, removed: { F: 34, RHEL: 9 } },
    },
  }),
  row("btrfs", "btrfs.F23_BTRFS", "builder", {
    requires: { "--subvol": ["--name"] },
    combine: eachFirstWord,
    words: { least: 2, most: 1000 },
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
    deprecated: { RHEL: 8 },
    ineffective: { RHEL: 8 },
    removed: { RHEL: 10 },
  }),
  row("clearpart", "clearpart.F28_ClearPart", "builder", {
    options: {
      "--all": flag,
      "--cdl": { ...flag, since: { F: 28, RHEL: 7 } },
      "--disklabel": { ...text, since: { F: 21, RHEL: 7 } },
      "--drives": list,
      "--initlabel": flag,
      "--linux": flag,
      "--list": list,
      "--none": flag,
    },
  }),
  row("ignoredisk", "ignoredisk.F34_IgnoreDisk", "builder", {
    options: {
      "--drives": list,
      "--interactive": { ...flag, deprecated: { F: 29, RHEL: 8 }, removed: { F: 34, RHEL: 9 } },
      "--only-use": list,
    },
    needs: [{ options: ["--drives", "--only-use", "--interactive"], exclusive: true }],
  }),
  row("logvol", "logvol.F29_LogVol", "builder", {
    combine: eachBy("--name"),
    words: { least: 1, most: 1 },
    options: {
      ...encryption,
      ...fileSystem,
      "--bytes-per-inode": { ...integer, removed: { F: 14, RHEL: 7 } },
      "--cachemode": { ...text, since: { F: 23, RHEL: 8 } },
      "--cachepvs": { ...list, since: { F: 23, RHEL: 8 } },
      "--cachesize": { ...integer, since: { F: 23, RHEL: 8 } },
      "--chunksize": integer,
      "--grow": flag,
      "--hibernation": flag,
      "--maxsize": integer,
      "--metadatasize": integer,
      "--name": required(text),
      "--percent": integer,
      "--poolname": text,
      "--profile": text,
      "--recommended": flag,
      "--resize": flag,
      "--size": integer,
      "--thin": flag,
      "--thinpool": flag,
      "--useexisting": flag,
      "--vgname": required(text),
    },
    needs: [
      {
        options: [
          "--size",
          "--percent",
          "--recommended",
          "--hibernation",
          "--noformat",
          "--useexisting",
        ],
      },
    ],
    requires: {
      "--cachemode": ["--cachepvs"],
      "--cachepvs": ["--cachesize"],
      "--cachesize": ["--cachepvs"],
      "--chunksize": ["--thinpool"],
      "--metadatasize": ["--thinpool"],
      "--resize": ["--useexisting"],
      "--thin": ["--poolname"],
    },
  }),
  row("mount", "mount.F27_Mount", "builder", {
    combine: each,
    words: { least: 2, most: 2 },
    options: { "--mkfsoptions": text, "--mountoptions": text, "--reformat": format },
    since: { F: 27, RHEL: 8 },
  }),
  ...["part", "partition"].map((name) =>
    row(name, "partition.F41_Partition", "builder", {
      combine: eachFirstWord,
      words: { least: 1, most: 1 },
      options: partition,
      requires: { "--resize": ["--onpart", "--usepart"] },
      firstWords: { "btrfs.": { removed: { RHEL: 8 } } },
    }),
  ),
  row("raid", "raid.F43_Raid", "builder", {
    combine: eachBy("--device"),
    words: mountAndDevices,
    options: {
      ...encryption,
      ...fileSystem,
      "--chunksize": integer,
      "--device": required(text),
      "--level": text,
      "--spares": integer,
      "--useexisting": flag,
    },
    needs: [
      { options: ["--noformat", "--useexisting"], words: 2 },
      { options: ["--level", "--noformat", "--useexisting"] },
    ],
  }),
  row("reqpart", "reqpart.F23_ReqPart", "builder", {
    options: { "--add-boot": flag },
    since: { F: 23, RHEL: 7 },
  }),
  row("snapshot", "snapshot.F26_Snapshot", "builder", {
    combine: eachBy("--name"),
    words: { least: 1, most: 1 },
    options: {
      "--name": required(text),
      "--when": required(choice("post-install", "pre-install")),
    },
    since: { F: 26, RHEL: 7 },
  }),
  row("volgroup", "volgroup.F21_VolGroup", "builder", {
    combine: eachFirstWord,
    words: mountAndDevices,
    options: {
      "--noformat": flag,
      "--pesize": integer,
      "--reserved-percent": integer,
      "--reserved-space": integer,
      "--useexisting": flag,
    },
    needs: [{ options: ["--noformat", "--useexisting"], words: 2 }],
  }),
  row("zerombr", "zerombr.F9_ZeroMbr", "builder"),
  row("zipl", "zipl.F32_Zipl", "builder", {
    options: { "--no-secure-boot": flag, "--secure-boot": flag, "--force-secure-boot": flag },
    since: { F: 32, RHEL: 8 },
  }),
  // Storage outside of the VM: the descriptor has none, and what a site attaches is the site's.
  row("fcoe", "fcoe.F28_Fcoe", "site", {
    combine: eachBy("--nic"),
    options: { "--autovlan": flag, "--dcb": flag, "--nic": required(text) },
  }),
  row("iscsi", "iscsi.F17_Iscsi", "site", {
    combine: each,
    options: {
      "--iface": text,
      "--ipaddr": required(text),
      "--password": secret,
      "--port": integer,
      "--reverse-password": secret,
      "--reverse-user": text,
      "--target": text,
      "--user": text,
    },
  }),
  row("iscsiname", "iscsiname.FC6_IscsiName", "site", { words: { least: 1, most: 1 } }),
  row("nvdimm", "nvdimm.F45_Nvdimm", "neither", {
    combine: each,
    words: { least: 1, most: 1 },
    options: {
      "--blockdevs": list,
      "--mode": choice("sector"),
      "--namespace": text,
      "--sectorsize": integer,
    },
    since: { F: 28, RHEL: 7 },
    deprecated: { F: 40 },
    removed: { F: 45, RHEL: 10 },
  }),
  row("zfcp", "zfcp.F37_ZFCP", "neither", {
    combine: each,
    options: {
      "--devnum": required(text),
      // Where they must be given once, they may be left out later: the strictest row is for what is not installed any more.
      "--fcplun": text,
      "--wwpn": text,
    },
  }),
];
