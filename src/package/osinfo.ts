import { escapeAttribute, escapeText } from "../lib/xml/write.ts";

/**
 * Entry whose devices every Linux appliance inherits: virtio. The distribution in the appliance is not used, because an
 * entry that derives from an id that the host's osinfo-db does not have makes `virt-install --osinfo list` fail for
 * every system.
 */
const GENERIC_LINUX = "http://libosinfo.org/linux/2020";

/** Families of systems other than Linux, by the prefix of their id; virt-install sets clock and devices by them. */
const FAMILIES: Readonly<Record<string, string>> = {
  "http://dragonflybsd.org/": "dragonflybsd",
  "http://freebsd.org/": "freebsd",
  "http://haiku-os.org/": "haiku",
  "http://microsoft.com/": "winnt",
  "http://netbsd.org/": "netbsd",
  "http://openbsd.org/": "openbsd",
  "http://oracle.com/solaris/": "solaris",
  "http://sun.com/solaris/": "solaris",
};

/** Recommended memory if the descriptor has none. */
const DEFAULT_MEMORY_KIB = 1024 * 1024;

/** Input for an osinfo entry. */
export interface OsinfoInput {
  /** Name of the appliance, not of the package. */
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly label: string | undefined;
  readonly vcpu: number;
  readonly memoryKiB: number | undefined;
  readonly minimumMemoryKiB: number | undefined;
  /** libosinfo id of the operating system in the appliance. The entry inherits its devices if it is not Linux. */
  readonly osinfo: string | undefined;
}

/** Returns the id of the entry, from which libosinfo derives the only file name that it accepts. */
export function osinfoIdOf(input: Pick<OsinfoInput, "name" | "version" | "release">): string {
  return `http://virt-appliance/${input.name}/${input.version}-${input.release}`;
}

/**
 * Returns the name of the entry's file, in the folder of the id's host name. libosinfo rejects an entry in a file of
 * any other name. It derives the name from the id, with a dash for every character except letters, digits, `.`, `_`,
 * `-`.
 */
export function osinfoFileName(input: Pick<OsinfoInput, "name" | "version" | "release">): string {
  const id = `${input.name}-${input.version}-${input.release}`;
  return `${id.replace(/[^A-Za-z0-9._-]/g, "-")}.xml`;
}

function resources(kind: string, vcpu: number, memoryKiB: number): string {
  return `      <${kind}>
        <n-cpus>${vcpu}</n-cpus>
        <ram>${memoryKiB * 1024}</ram>
      </${kind}>`;
}

/**
 * Renders the osinfo entry of an appliance version: `virt-install --osinfo NAMEVERSION` then knows vCPUs, memory and
 * devices. Short ids are `NAMEVERSION-RELEASE`, which is unique, and `NAMEVERSION`, which two releases of one version
 * share; never the bare name.
 *
 * @see osinfo-db's data/schema/osinfo.rng
 */
export function renderOsinfo(input: OsinfoInput): string {
  const { name, version, release } = input;
  const memoryKiB = input.memoryKiB ?? DEFAULT_MEMORY_KIB;
  const family = Object.entries(FAMILIES).find(([prefix]) => input.osinfo?.startsWith(prefix))?.[1];
  const parent = family === undefined ? GENERIC_LINUX : (input.osinfo ?? GENERIC_LINUX);
  return `<?xml version="1.0" encoding="UTF-8"?>
<libosinfo version="0.0.1">
  <os id="${escapeAttribute(osinfoIdOf(input))}">
    <short-id>${escapeText(`${name}${version}-${release}`)}</short-id>
    <short-id>${escapeText(`${name}${version}`)}</short-id>
    <name>${escapeText(input.label ?? name)}</name>
    <version>${escapeText(`${version}-${release}`)}</version>
    <vendor>virt-appliance</vendor>
    <family>${family ?? "linux"}</family>
    <derives-from id="${escapeAttribute(parent)}"/>
    <resources arch="all">
${resources("minimum", 1, input.minimumMemoryKiB ?? memoryKiB)}
${resources("recommended", input.vcpu, memoryKiB)}
    </resources>
  </os>
</libosinfo>
`;
}
