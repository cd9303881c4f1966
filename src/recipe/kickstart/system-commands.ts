import { each, eachBy, joined, row } from "./command-row.ts";
import type { CommandRow } from "./command-row.ts";
import { boolean, choice, flag, integer, list, secret, text } from "./value-type.ts";

const account = {
  "--iscrypted": flag,
  "--lock": flag,
  "--plaintext": flag,
};

/** What is said about the system that is installed. */
export const systemCommands: readonly CommandRow[] = [
  row("authselect", "F28_Authselect", "both", {
    words: { least: 0, most: 1000 },
    free: true,
    since: { F: 28, RHEL: 8 },
  }),
  row("eula", "F20_Eula", "site", { options: { "--agreed": flag }, since: { F: 20, RHEL: 7 } }),
  row("firewall", "F28_Firewall", "both", {
    combine: joined,
    options: {
      "--disable": flag,
      "--disabled": flag,
      "--enable": flag,
      "--enabled": flag,
      "--ftp": flag,
      "--high": { ...flag, deprecated: { F: 10 }, removed: { F: 29, RHEL: 8 } },
      "--http": flag,
      "--medium": { ...flag, deprecated: { F: 10 }, removed: { F: 29, RHEL: 8 } },
      "--port": list,
      "--remove-service": { ...list, since: { F: 20, RHEL: 7 } },
      "--service": list,
      "--smtp": flag,
      "--ssh": flag,
      "--telnet": { ...flag, removed: { F: 29, RHEL: 8 } },
      "--trust": list,
      "--use-system-defaults": { ...flag, since: { F: 28, RHEL: 8 } },
    },
  }),
  row("firstboot", "FC3_Firstboot", "both", {
    options: {
      "--disable": flag,
      "--disabled": flag,
      "--enable": flag,
      "--enabled": flag,
      "--reconfig": flag,
    },
  }),
  row("group", "F12_Group", "both", {
    combine: eachBy("--name"),
    options: { "--gid": integer, "--name": text },
  }),
  row("keyboard", "F18_Keyboard", "site", {
    words: { least: 0, most: 1 },
    options: { "--switch": list, "--vckeymap": text, "--xlayouts": list },
  }),
  row("lang", "F19_Lang", "site", {
    words: { least: 1, most: 1 },
    options: { "--addsupport": { ...list, since: { F: 19, RHEL: 7 } } },
  }),
  row("network", "F41_Network", "site", {
    combine: eachBy("--device"),
    options: {
      "--activate": flag,
      "--bindto": choice("mac"),
      "--bondopts": text,
      "--bondslaves": list,
      "--bootproto": choice("dhcp", "bootp", "static", "query", "ibft"),
      "--bridgeopts": text,
      "--bridgeslaves": list,
      "--class": { ...text, removed: { F: 29, RHEL: 8 } },
      "--device": text,
      "--dhcpclass": text,
      "--essid": text,
      "--ethtool": text,
      "--gateway": text,
      "--hostname": text,
      "--interfacename": text,
      "--ip": text,
      "--ipv4-dns-search": { ...text, since: { F: 39, RHEL: 9 } },
      "--ipv4-ignore-auto-dns": { ...flag, since: { F: 39, RHEL: 9 } },
      "--ipv6": text,
      "--ipv6-dns-search": { ...text, since: { F: 39, RHEL: 9 } },
      "--ipv6-ignore-auto-dns": { ...flag, since: { F: 39, RHEL: 9 } },
      "--ipv6gateway": text,
      "--mtu": integer,
      "--nameserver": text,
      "--netmask": text,
      "--no-activate": { ...flag, since: { F: 25, RHEL: 7 } },
      "--nodefroute": flag,
      "--nodns": flag,
      "--noipv4": flag,
      "--noipv6": flag,
      "--notksdevice": { ...flag, removed: { F: 29, RHEL: 8 } },
      "--onboot": boolean,
      "--teamconfig": text,
      "--teamslaves": text,
      "--vlanid": text,
      "--wepkey": secret,
      "--wpakey": secret,
    },
  }),
  row("realm", "F19_Realm", "site", {
    words: { least: 1, most: 1000 },
    free: true,
    options: { "--one-time-password": secret },
    since: { F: 19, RHEL: 7 },
  }),
  row("rhsm", "RHEL8_RHSM", "site", {
    options: {
      "--activation-key": secret,
      "--connect-to-insights": flag,
      "--organization": text,
      "--proxy": secret,
      "--rhsm-baseurl": text,
      "--server-hostname": text,
    },
    since: { RHEL: 8 },
  }),
  row("rootpw", "F37_RootPw", "site", {
    words: { least: 0, most: 1, secret: true },
    options: { ...account, "--allow-ssh": { ...flag, since: { F: 37, RHEL: 9 } } },
  }),
  row("selinux", "FC3_SELinux", "both", {
    options: { "--disabled": flag, "--enforcing": flag, "--permissive": flag },
  }),
  row("services", "FC6_Services", "both", {
    combine: joined,
    options: { "--disabled": list, "--enabled": list },
  }),
  row("skipx", "FC3_SkipX", "both"),
  row("sshkey", "F22_SshKey", "site", {
    combine: each,
    words: { least: 1, most: 1 },
    options: { "--username": text },
    since: { F: 22, RHEL: 7 },
  }),
  row("sshpw", "F24_SshPw", "site", {
    combine: eachBy("--username"),
    words: { least: 1, most: 1, secret: true },
    options: { ...account, "--sshkey": flag, "--username": text },
    since: { F: 13, RHEL: 6 },
  }),
  row("syspurpose", "RHEL8_Syspurpose", "site", {
    options: { "--addon": text, "--role": text, "--sla": text, "--usage": text },
    since: { RHEL: 8 },
  }),
  row("timesource", "F33_Timesource", "site", {
    combine: each,
    options: { "--ntp-disable": flag, "--ntp-pool": text, "--ntp-server": text, "--nts": flag },
    since: { F: 33, RHEL: 9 },
  }),
  row("timezone", "F33_Timezone", "site", {
    words: { least: 0, most: 1 },
    options: {
      "--isUtc": flag,
      "--nontp": { ...flag, deprecated: { F: 33, RHEL: 9 } },
      "--ntpservers": { ...list, deprecated: { F: 33, RHEL: 9 } },
      "--utc": flag,
    },
  }),
  row("user", "F24_User", "both", {
    combine: eachBy("--name"),
    options: {
      ...account,
      "--gecos": text,
      "--gid": integer,
      "--groups": list,
      "--homedir": text,
      "--name": text,
      "--password": secret,
      "--shell": text,
      "--uid": integer,
    },
  }),
  row("xconfig", "F14_XConfig", "both", {
    options: {
      "--defaultdesktop": text,
      "--startxonboot": flag,
    },
  }),
];
