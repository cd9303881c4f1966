import { each, eachBy, joined, row } from "./command-row.ts";
import type { CommandRow } from "./command-row.ts";
import { boolean, choice, flag, integer, list, required, secret, text } from "./value-type.ts";

const account = {
  "--iscrypted": flag,
  "--lock": flag,
  "--plaintext": flag,
};

/** What is said about the system that is installed. */
export const systemCommands: readonly CommandRow[] = [
  row("authselect", "authselect.F28_Authselect", "both", {
    words: { least: 0, most: 1000 },
    free: true,
    since: { F: 28, RHEL: 8 },
  }),
  row("eula", "eula.F20_Eula", "site", {
    options: { "--accept": flag, "--accepted": flag, "--agree": flag, "--agreed": flag },
    since: { F: 20, RHEL: 7 },
  }),
  row("firewall", "firewall.F28_Firewall", "both", {
    combine: joined,
    options: {
      "--disable": flag,
      "--disabled": flag,
      "--enable": flag,
      "--enabled": flag,
      "--ftp": flag,
      "--high": { ...flag, deprecated: { F: 10 }, removed: { F: 14, RHEL: 7 } },
      "--http": flag,
      "--medium": { ...flag, deprecated: { F: 10 }, removed: { F: 14, RHEL: 7 } },
      "--port": list,
      "--remove-service": { ...list, since: { F: 20, RHEL: 7 } },
      "--service": list,
      "--smtp": flag,
      "--ssh": flag,
      "--telnet": { ...flag, removed: { F: 14, RHEL: 7 } },
      "--trust": list,
      "--use-system-defaults": { ...flag, since: { F: 28, RHEL: 8 } },
    },
  }),
  row("firstboot", "firstboot.FC3_Firstboot", "both", {
    options: {
      "--disable": flag,
      "--disabled": flag,
      "--enable": flag,
      "--enabled": flag,
      "--reconfig": flag,
    },
  }),
  row("group", "group.F12_Group", "both", {
    combine: eachBy("--name"),
    options: { "--gid": integer, "--name": required(text) },
  }),
  row("keyboard", "keyboard.F18_Keyboard", "site", {
    words: { least: 0, most: 1 },
    options: { "--switch": list, "--vckeymap": text, "--xlayouts": list },
  }),
  row("lang", "lang.F19_Lang", "site", {
    words: { least: 1, most: 1 },
    options: { "--addsupport": { ...list, since: { F: 19, RHEL: 7 } } },
  }),
  row("network", "network.F39_Network", "site", {
    combine: eachBy("--device"),
    options: {
      "--activate": flag,
      "--bindto": choice("mac"),
      "--bondopts": text,
      "--bondslaves": list,
      "--bootproto": choice("dhcp", "bootp", "static", "query", "ibft"),
      "--bridgeopts": text,
      "--bridgeslaves": list,
      "--class": { ...text, removed: { F: 22, RHEL: 7 } },
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
      "--mtu": text,
      "--nameserver": text,
      "--netmask": text,
      "--no-activate": { ...flag, since: { F: 25, RHEL: 7 } },
      "--nodefroute": flag,
      "--nodns": flag,
      "--noipv4": flag,
      "--noipv6": flag,
      "--notksdevice": flag,
      "--onboot": boolean,
      "--teamconfig": { ...text, deprecated: { RHEL: 10 } },
      "--teamslaves": { ...text, deprecated: { RHEL: 10 } },
      "--vlanid": text,
      "--wepkey": secret,
      "--wpakey": secret,
    },
  }),
  row("realm", "realm.F19_Realm", "site", {
    words: { least: 1, most: 1000 },
    free: true,
    options: { "--one-time-password": secret },
    since: { F: 19, RHEL: 7 },
  }),
  row("rhsm", "rhsm.RHEL10_RHSM", "site", {
    options: {
      "--activation-key": required(secret),
      "--connect-to-insights": flag,
      "--flatpak-registry-url": { ...text, since: { RHEL: 10 } },
      "--organization": required(text),
      "--proxy": secret,
      "--rhsm-baseurl": text,
      "--server-hostname": text,
    },
    since: { RHEL: 8 },
  }),
  row("rootpw", "rootpw.F37_RootPw", "site", {
    words: { least: 0, most: 1, secret: true },
    options: { ...account, "--allow-ssh": { ...flag, since: { F: 37, RHEL: 9 } } },
  }),
  row("selinux", "selinux.FC3_SELinux", "both", {
    options: { "--disabled": flag, "--enforcing": flag, "--permissive": flag },
  }),
  row("services", "services.FC6_Services", "both", {
    combine: joined,
    options: { "--disabled": list, "--enabled": list },
  }),
  row("skipx", "skipx.FC3_SkipX", "both"),
  row("sshkey", "sshkey.F22_SshKey", "site", {
    combine: each,
    words: { least: 1, most: 1 },
    options: { "--username": required(text) },
    since: { F: 22, RHEL: 8 },
  }),
  row("sshpw", "sshpw.F24_SshPw", "site", {
    combine: eachBy("--username"),
    words: { least: 1, most: 1, secret: true },
    options: {
      ...account,
      "--sshkey": { ...flag, since: { F: 24, RHEL: 8 } },
      "--username": required(text),
    },
    since: { F: 13, RHEL: 6 },
  }),
  row("syspurpose", "syspurpose.RHEL10_Syspurpose", "site", {
    options: { "--addon": text, "--role": text, "--sla": text, "--usage": text },
    since: { RHEL: 8 },
  }),
  row("timesource", "timesource.F33_Timesource", "site", {
    combine: each,
    options: { "--ntp-disable": flag, "--ntp-pool": text, "--ntp-server": text, "--nts": flag },
    since: { F: 33, RHEL: 9 },
  }),
  row("timezone", "timezone.F40_Timezone", "site", {
    words: { least: 0, most: 1 },
    options: {
      "--isUtc": { ...flag, deprecated: { F: 32, RHEL: 9 }, removed: { RHEL: 10 } },
      "--nontp": { ...flag, deprecated: { F: 33, RHEL: 9 }, removed: { RHEL: 10 } },
      "--ntpservers": { ...list, deprecated: { F: 33, RHEL: 9 }, removed: { RHEL: 10 } },
      "--utc": flag,
    },
  }),
  row("user", "user.F24_User", "both", {
    combine: eachBy("--name"),
    options: {
      ...account,
      "--gecos": text,
      "--gid": integer,
      "--groups": list,
      "--homedir": text,
      "--name": required(text),
      "--password": secret,
      "--shell": text,
      "--uid": integer,
    },
  }),
  row("xconfig", "xconfig.F14_XConfig", "both", {
    options: {
      "--defaultdesktop": text,
      "--startxonboot": flag,
    },
  }),
];
