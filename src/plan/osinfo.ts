import { escapeAttribute, escapeText } from "../lib/xml-write.ts";

/**
 * Entry whose devices every Linux appliance takes: virtio. Not the distribution inside: an entry that derives from an id
 * which the host's osinfo-db does not know yet makes `virt-install --osinfo list` fail for every system.
 */
const GENERIC_LINUX = "http://libosinfo.org/linux/2020";

/** Families of systems that are no Linux, by the beginning of their id; virt-install sets clock and devices by them. */
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

/** Memory that is asked for when the descriptor does not say. */
const DEFAULT_MEMORY_KIB = 1024 * 1024;

/** What an osinfo entry is made from. */
export interface OsinfoInput {
  /** Name of the appliance, not of the package. */
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly label: string | undefined;
  readonly vcpu: number;
  readonly memoryKiB: number | undefined;
  readonly minimumMemoryKiB: number | undefined;
  /** Id of the operating system inside, as libosinfo knows it; its devices are inherited when it is no Linux. */
  readonly osinfo: string | undefined;
}

/** Returns the id of the entry; libosinfo derives the only file name it accepts from it. */
export function osinfoIdOf(input: Pick<OsinfoInput, "name" | "version" | "release">): string {
  return `http://virt-appliance/${input.name}/${input.version}-${input.release}`;
}

/**
 * Returns the name of the file that holds the entry, in the folder of our host name. libosinfo rejects the entry in a file
 * of any other name: it derives the name from the id, with a dash for every character but letters, digits, `.`, `_`, `-`.
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
