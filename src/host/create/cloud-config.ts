import { certificatesOf, linesOf, listOf, parseSyslogServer } from "../../appliance/index.ts";

/** Where cloud-init looks for scripts that run once in the life of a VM, after its network is up. */
const RUN_ONCE = "/var/lib/cloud/scripts/per-instance/virt-appliance-run";

/** The part of cloud-init's configuration that a setting becomes. */
type Part = Readonly<Record<string, unknown>>;

/** `@` is UDP, `@@` TCP (rsyslog.conf(5)). */
function rsyslogRemote(value: string): string {
  const server = parseSyslogServer(value);
  if (server === undefined) throw new TypeError("the syslog server was not checked");
  const { protocol, host, port } = server;
  return `*.* ${protocol === "tcp" ? "@@" : "@"}${host}:${port}`;
}

/** Changes to the default user of the image. */
function userPart(values: ReadonlyMap<string, string>): Part {
  const [name, hash] = [values.get("user"), values.get("password-hash")];
  // cloud-init's schema demands a name for the user.
  if (name === undefined) return {};
  return { user: { name, ...(hash === undefined ? {} : { passwd: hash, lock_passwd: false }) } };
}

/** What each other setting becomes. Source: cloud-init's reference of modules. */
const parts: Readonly<Record<string, (value: string) => Part>> = {
  hostname: (hostname) =>
    hostname.includes(".")
      ? { hostname: hostname.replace(/\..*/, ""), fqdn: hostname, prefer_fqdn_over_hostname: true }
      : { hostname },
  "ssh-key": (keys) => ({ ssh_authorized_keys: linesOf(keys) }),
  timezone: (timezone) => ({ timezone }),
  locale: (locale) => ({ locale }),
  ntp: (servers) => ({ ntp: { enabled: true, pools: [], servers: listOf(servers) } }),
  syslog: (server) => ({ rsyslog: { remotes: { site: rsyslogRemote(server) } } }),
  "ca-certificate": (pem) => ({ ca_certs: { trusted: certificatesOf(pem) } }),
  run: (content) => ({ write_files: [{ path: RUN_ONCE, permissions: "0700", content }] }),
};

/**
 * Returns cloud-init's configuration for well-known settings. JSON is valid YAML, and needs no quoting rules.
 *
 * @param values  by name; those of the appliance's own parameters are left out
 */
export function renderCloudConfig(values: ReadonlyMap<string, string>): string {
  const config = Object.entries(parts).reduce<Part>((all, [name, part]) => {
    const value = values.get(name);
    return value === undefined ? all : { ...all, ...part(value) };
  }, userPart(values));
  return `#cloud-config\n${JSON.stringify(config, undefined, 2)}\n`;
}
