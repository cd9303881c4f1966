import { type CommandRow, each, eachBy, row } from "./command-row.ts";
import {
  boolean,
  choice,
  flag,
  integer,
  type OptionTable,
  required,
  secret,
  text,
} from "./value-type.ts";

const tls: OptionTable = {
  "--noverifyssl": flag,
  "--sslcacert": { ...text, since: { F: 30, RHEL: 8 } },
  "--sslclientcert": { ...text, since: { F: 30, RHEL: 8 } },
  "--sslclientkey": { ...text, since: { F: 30, RHEL: 8 } },
};

/** Commands that set the installation source. Only one may be used. */
const source = (
  name: string,
  from: string,
  options: OptionTable,
  extra: Parameters<typeof row>[3] = {},
): CommandRow => row(name, from, "both", { group: "installation source", options, ...extra });

/** Installation media that a VM made from a recipe does not have. */
const medium = (name: string, from: string, options: OptionTable = {}): CommandRow =>
  row(name, from, "neither", { group: "installation source", options });

const display = (name: string): CommandRow =>
  row(name, "displaymode.F26_DisplayMode", "both", {
    group: "display",
    options: { "--non-interactive": { ...flag, since: { F: 26, RHEL: 8 } } },
  });

const ending = (name: string): CommandRow =>
  row(name, "reboot.F23_Reboot", "both", {
    group: "action after the installation",
    options: {
      "--eject": { ...flag, since: { F: 6, RHEL: 5 } },
      "--kexec": { ...flag, since: { F: 23, RHEL: 8 } },
    },
  });

/** Commands for the installation itself: its source, its display, its end. */
export const installerCommands: readonly CommandRow[] = [
  source(
    "url",
    "url.F30_Url",
    {
      ...tls,
      "--metalink": { ...text, since: { F: 27, RHEL: 8 } },
      "--mirrorlist": text,
      "--proxy": secret,
      "--url": text,
    },
    { needs: [{ options: ["--url", "--mirrorlist", "--metalink"], exclusive: true }] },
  ),
  source("nfs", "nfs.FC6_NFS", {
    "--dir": required(text),
    "--opts": text,
    "--server": required(text),
  }),
  source("liveimg", "liveimg.F19_Liveimg", {
    "--checksum": text,
    "--noverifyssl": flag,
    "--proxy": secret,
    "--url": required(text),
  }),
  source("ostreesetup", "ostreesetup.F43_OSTreeSetup", {
    "--nogpg": flag,
    "--osname": required(text),
    "--ref": required(text),
    "--remote": text,
    "--url": required(text),
  }),
  source(
    "ostreecontainer",
    "ostreecontainer.F43_OSTreeContainer",
    {
      "--no-signature-verification": flag,
      "--remote": text,
      "--stateroot": text,
      "--transport": text,
      "--url": required(text),
    },
    { since: { F: 38, RHEL: 9 } },
  ),
  source(
    "bootc",
    "bootc.F45_Bootc",
    {
      "--bootloader": { ...text, since: { F: 45, RHEL: 11 } },
      "--composefs": { ...flag, since: { F: 45, RHEL: 11 } },
      "--source-imgref": required(text),
      "--stateroot": text,
      "--target-imgref": text,
    },
    { since: { F: 43, RHEL: 10 } },
  ),
  medium("cdrom", "cdrom.FC3_Cdrom"),
  medium("harddrive", "harddrive.F33_HardDrive", {
    "--biospart": { ...text, removed: { F: 33, RHEL: 9 } },
    "--dir": required(text),
    "--partition": { ...text, required: { F: 33, RHEL: 9 } },
  }),
  medium("hmc", "hmc.F28_Hmc"),
  row("module", "module.F45_Module", "builder", {
    combine: eachBy("--name"),
    options: {
      "--disable": { ...flag, since: { F: 31, RHEL: 8 } },
      "--name": required(text),
      "--stream": text,
    },
    since: { F: 29, RHEL: 8 },
    deprecated: { F: 41, RHEL: 10 },
    removed: { F: 45, RHEL: 11 },
  }),
  row("repo", "repo.F40_Repo", "both", {
    combine: eachBy("--name"),
    options: {
      ...tls,
      "--baseurl": text,
      "--cost": integer,
      "--excludepkgs": text,
      "--ignoregroups": {
        ...boolean,
        deprecated: { F: 33, RHEL: 9 },
        removed: { F: 40, RHEL: 10 },
      },
      "--includepkgs": text,
      "--install": flag,
      "--metalink": { ...text, since: { F: 27, RHEL: 8 } },
      "--mirrorlist": text,
      "--name": required(text),
      "--proxy": secret,
    },
  }),
  // The class has the option --non-interactive, but rejects it.
  { ...display("cmdline"), options: {} },
  display("graphical"),
  display("text"),
  ending("halt"),
  ending("poweroff"),
  ending("reboot"),
  ending("shutdown"),
  row("driverdisk", "driverdisk.F14_DriverDisk", "site", {
    combine: each,
    words: { least: 0, most: 1 },
    options: { "--biospart": text, "--source": text },
    needs: [{ options: ["--source", "--biospart"], words: 1 }],
  }),
  row("logging", "logging.F40_Logging", "site", {
    options: {
      "--host": text,
      "--level": {
        ...choice("debug", "info", "warning", "error", "critical"),
        deprecated: { F: 34, RHEL: 9 },
        removed: { F: 40, RHEL: 10 },
      },
      "--port": text,
    },
    requires: { "--port": ["--host"] },
  }),
  row("mediacheck", "mediacheck.FC4_MediaCheck", "neither"),
  row("rdp", "rdp.F43_RDP", "site", {
    options: { "--password": secret, "--username": text },
    since: { F: 43, RHEL: 10 },
  }),
  row("rescue", "rescue.F10_Rescue", "neither", {
    options: { "--nomount": flag, "--romount": flag },
  }),
  row("updates", "updates.F34_Updates", "site", { words: { least: 1, most: 1 } }),
  row("vnc", "vnc.F45_Vnc", "site", {
    options: { "--host": text, "--password": secret, "--port": text },
    deprecated: { F: 43, RHEL: 10 },
    removed: { F: 45, RHEL: 11 },
  }),
];
