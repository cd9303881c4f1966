import { each, eachBy, row } from "./command-row.ts";
import type { CommandRow, Speaker } from "./command-row.ts";
import { choice, flag, integer, secret, text } from "./value-type.ts";
import type { OptionTable } from "./value-type.ts";

const tls: OptionTable = {
  "--noverifyssl": flag,
  "--sslcacert": text,
  "--sslclientcert": text,
  "--sslclientkey": text,
};

/** The tree to install from; one is enough. */
const source = (
  name: string,
  from: string,
  options: OptionTable,
  extra: Parameters<typeof row>[3] = {},
): CommandRow => row(name, from, "both", { group: "installation source", options, ...extra });

/** Media that a virtual machine made from a recipe does not have. */
const medium = (name: string, from: string, options: OptionTable = {}): CommandRow =>
  row(name, from, "neither", { group: "installation source", options });

const display = (name: string, from: string, who: Speaker, options: OptionTable = {}): CommandRow =>
  row(name, from, who, { group: "display", options });

const ending = (name: string): CommandRow =>
  row(name, "F23_Reboot", "both", {
    group: "what follows the installation",
    options: {
      "--eject": { ...flag, since: { F: 6, RHEL: 5 } },
      "--kexec": { ...flag, since: { F: 23, RHEL: 7 } },
    },
  });

/** What is said about the installation itself: where from, how it shows, how it ends. */
export const installerCommands: readonly CommandRow[] = [
  source("url", "F30_Url", {
    ...tls,
    "--metalink": { ...text, since: { F: 27, RHEL: 8 } },
    "--mirrorlist": text,
    "--proxy": secret,
    "--url": text,
  }),
  source("nfs", "FC6_NFS", { "--dir": text, "--opts": text, "--server": text }),
  source("liveimg", "F19_Liveimg", {
    "--checksum": text,
    "--noverifyssl": flag,
    "--proxy": secret,
    "--url": text,
  }),
  source("ostreesetup", "F38_OSTreeSetup", {
    "--nogpg": flag,
    "--osname": text,
    "--ref": text,
    "--remote": text,
    "--url": text,
  }),
  source(
    "ostreecontainer",
    "F38_OSTreeContainer",
    {
      "--no-signature-verification": flag,
      "--remote": text,
      "--stateroot": text,
      "--transport": text,
      "--url": text,
    },
    { since: { F: 38, RHEL: 9 } },
  ),
  source(
    "bootc",
    "F43_Bootc",
    { "--source-imgref": text, "--stateroot": text, "--target-imgref": text },
    { since: { F: 43, RHEL: 10 } },
  ),
  medium("cdrom", "FC3_Cdrom"),
  medium("harddrive", "F33_HardDrive", {
    "--biospart": { ...text, removed: { F: 33, RHEL: 9 } },
    "--dir": text,
    "--partition": text,
  }),
  medium("hmc", "F28_Hmc"),
  row("module", "F31_Module", "builder", {
    combine: eachBy("--name"),
    options: {
      "--disable": { ...flag, since: { F: 31, RHEL: 8 } },
      "--name": text,
      "--stream": text,
    },
    since: { F: 29, RHEL: 8 },
    removed: { RHEL: 10 },
  }),
  row("repo", "F33_Repo", "both", {
    combine: eachBy("--name"),
    options: {
      ...tls,
      "--baseurl": text,
      "--cost": integer,
      "--excludepkgs": text,
      "--ignoregroups": { ...text, removed: { F: 33, RHEL: 9 } },
      "--includepkgs": text,
      "--install": flag,
      "--metalink": text,
      "--mirrorlist": text,
      "--name": text,
      "--proxy": secret,
    },
  }),
  display("cmdline", "FC3_DisplayMode", "both", {}),
  display("graphical", "F26_DisplayMode", "both", { "--non-interactive": flag }),
  display("text", "F26_DisplayMode", "both", { "--non-interactive": flag }),
  ending("halt"),
  ending("poweroff"),
  ending("reboot"),
  ending("shutdown"),
  row("driverdisk", "F14_DriverDisk", "site", {
    combine: each,
    words: { least: 0, most: 1 },
    options: { "--biospart": text, "--source": text },
  }),
  row("logging", "F34_Logging", "site", {
    options: {
      "--host": text,
      "--level": {
        ...choice("debug", "info", "warning", "error", "critical"),
        deprecated: { F: 34, RHEL: 9 },
      },
      "--port": text,
    },
  }),
  row("mediacheck", "FC4_MediaCheck", "neither"),
  row("rdp", "F42_RDP", "site", {
    options: { "--password": secret, "--username": text },
    since: { F: 42, RHEL: 10 },
  }),
  row("rescue", "F10_Rescue", "neither", {
    options: { "--nomount": flag, "--romount": flag },
  }),
  row("updates", "F7_Updates", "site", { words: { least: 0, most: 1 } }),
  row("vnc", "F9_Vnc", "site", {
    options: { "--host": text, "--password": secret, "--port": text },
  }),
];
