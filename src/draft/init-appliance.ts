import { stat } from "node:fs/promises";
import path from "node:path";
import { isHardDiskName, validateAppliance } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { readHead } from "../lib/bytes/compress.ts";
import type { Context } from "../lib/context.ts";
import { formatSizes } from "../lib/format-size.ts";
import { readPlainFile } from "../lib/plain-file.ts";
import { parseXml } from "../lib/xml/parse.ts";
import { type Domain, type Libvirt, openLibvirt, parseDomain } from "../libvirt/index.ts";
import type { Draft, DraftNote } from "./draft.ts";
import { draftFromDisk } from "./from-disk.ts";
import { draftFromDomain } from "./from-domain.ts";
import { type DiskProbe, probeDisk } from "./probe-disk.ts";

/** Largest domain XML that is read. */
const MAX_DOMAIN_BYTES = 4 * 1024 * 1024;

/** Where {@link initAppliance} looks up domains by name. */
export interface InitOptions {
  /** libvirt connection. Default: the host's, through virsh. */
  readonly libvirt?: Libvirt;
  /** Connection URI of the default connection. */
  readonly uri?: string | undefined;
  /** Name of the appliance. Default: derived from the name of the domain or file. */
  readonly name?: string | undefined;
  /** Path of the new descriptor. Files already beside it produce no note. */
  readonly output?: string | undefined;
}

async function probesOf(domain: Domain): Promise<ReadonlyMap<string, DiskProbe>> {
  const probes = new Map<string, DiskProbe>();
  for (const { source, sourceType } of domain.disks) {
    if (source === undefined || sourceType !== "file" || !source.startsWith("/")) continue;
    // The domain may be from another host, or its files may be unreadable. Then nothing is known about them.
    const probe = await probeDisk(source).catch(() => undefined);
    if (probe !== undefined) probes.set(source, probe);
  }
  return probes;
}

async function draftDomainXml(xml: string | Uint8Array, origin: string): Promise<Draft> {
  const domain = parseDomain(xml, origin);
  return draftFromDomain(domain, await probesOf(domain));
}

async function draftFile(file: string, sizeBytes: number): Promise<Draft> {
  const head = (await readHead(file, 64)).toString("utf8");
  if (!/^\uFEFF?\s*<[?!a-zA-Z]/.test(head)) {
    const probe = await probeDisk(file);
    if (probe === undefined || sizeBytes === 0) {
      throw new ApplianceError("SOURCE_INEXPRESSIBLE", `${file}: empty, expected a disk image`);
    }
    return draftFromDisk(file, probe);
  }
  if (sizeBytes > MAX_DOMAIN_BYTES) {
    const [found, most] = formatSizes(sizeBytes, MAX_DOMAIN_BYTES);
    throw new ApplianceError(
      "LIB_XML_LIMIT",
      `${file}: document of ${found}, expected at most ${most}`,
    );
  }
  const xml = await readPlainFile(file, { maxBytes: MAX_DOMAIN_BYTES });
  if (parseXml(xml, file).name === "image") {
    throw new ApplianceError("SOURCE_EXISTS", `${file}: already an appliance descriptor`, {
      hint: "`virt-appliance inspect` shows its content",
    });
  }
  return draftDomainXml(xml, file);
}

/** Returns notes on state outside of the definition that a VM of the appliance does not get. */
async function lostFacts(libvirt: Libvirt, name: string): Promise<readonly DraftNote[]> {
  const { isActive, hasManagedSave, snapshots } = await libvirt.domainFacts(name);
  const lost = [
    ...(isActive
      ? ["the machine is running: unwritten data is not copied; copy its disks when it is off"]
      : []),
    ...(hasManagedSave
      ? [
          "its saved state is not copied: start the machine and shut it down before you copy its disks",
        ]
      : []),
    ...(snapshots.length === 0 ? [] : [`its snapshots are not copied: ${snapshots.join(", ")}`]),
  ];
  return lost.map((message) => ({ kind: "lost", message }));
}

async function draftNamed(name: string, context: Context, options: InitOptions): Promise<Draft> {
  const libvirt = options.libvirt ?? openLibvirt(context, { uri: options.uri });
  try {
    const draft = await draftDomainXml(await libvirt.dumpXml(name), `domain ${name}`);
    return { ...draft, notes: [...draft.notes, ...(await lostFacts(libvirt, name))] };
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    if (error.code !== "LIBVIRT_UNKNOWN" && error.code !== "LIBVIRT_UNREACHABLE") throw error;
    // The name of an image or a document is hardly that of a domain.
    if (isHardDiskName(name) || /\.(?:iso|xml)$/i.test(name))
      throw new ApplianceError("LIB_IO", `${name}: no such file`, { cause: error });
    throw new ApplianceError(
      error.code,
      `${name}: not a plain file, and not usable as a domain: ${error.message}`,
      {
        cause: error,
        details: error.details,
        hint: error.hint,
      },
    );
  }
}

function renamed(draft: Draft, name: string): Draft {
  const appliance = { ...draft.appliance, name };
  const [error] = validateAppliance(appliance).filter(({ severity }) => severity === "error");
  if (error !== undefined) throw new ApplianceError("SOURCE_INEXPRESSIBLE", error.message);
  return { appliance, notes: draft.notes.filter(({ message }) => !message.startsWith("name: ")) };
}

/**
 * Returns a first descriptor, and notes on what it leaves out, from a file with domain XML, a disk image, or the name
 * of a libvirt domain. Settings of the host (UUID, MAC addresses, paths, device addresses, aliases) are dropped. Parts
 * that a descriptor cannot express are listed. Nothing is written or copied.
 *
 * @param source  path of a file, or the name of a domain if there is no plain file of that name and it has no slash
 * @throws ApplianceError `SOURCE_INEXPRESSIBLE` (also for a name that cannot be one), `SOURCE_EXISTS` when it is a
 *   descriptor already, `LIBVIRT_*`, `LIB_XML_*`, `LIB_IO`
 */
export async function initAppliance(
  source: string,
  context: Context,
  options: InitOptions = {},
): Promise<Draft> {
  const draft = await makeDraft(source, context, options);
  const named = options.name === undefined ? draft : renamed(draft, options.name);
  const { output } = options;
  if (output === undefined) return named;
  return { ...named, notes: named.notes.filter((note) => !isBeside(note, output)) };
}

function isBeside({ from, as }: DraftNote, output: string): boolean {
  return from !== undefined && as !== undefined && path.resolve(output, "..", as) === from;
}

async function makeDraft(source: string, context: Context, options: InitOptions): Promise<Draft> {
  const stats = await stat(source).catch((error: unknown) => {
    if (source.includes("/")) throw fileError(error, source);
    return undefined;
  });
  if (stats?.isFile() !== true && !source.includes("/"))
    return draftNamed(source, context, options);
  if (stats?.isFile() !== true) {
    throw new ApplianceError(
      "SOURCE_INEXPRESSIBLE",
      `${source}: not a plain file, expected domain XML or a disk image`,
    );
  }
  return draftFile(source, stats.size);
}
