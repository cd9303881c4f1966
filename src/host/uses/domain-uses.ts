import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { ApplianceError, aboutSubject } from "../../errors.ts";
import { readPlainText } from "../../lib/plain-file.ts";
import { attributeOf, type XmlElement } from "../../lib/xml/tree.ts";
import { parseXml } from "../../lib/xml/parse.ts";
import { documentsOf } from "../../libvirt/index.ts";
import { filesOf } from "../instance/instance.ts";
import { readInstance } from "../instance/instance-xml.ts";
import { resolveFolder } from "../access/image-links.ts";
import type { HostPaths } from "../access/paths.ts";
import { type DomainSource, surveyDomains } from "../access/survey-domains.ts";
import type { UseLedger } from "./use-ledger.ts";

/** A libvirt connection whose domains are read. */
export interface Connection extends DomainSource {
  readonly uri: string;
}

/** A file that a domain names. */
interface NamedFile {
  readonly path: string;
  /** Text of its `<disk>`, for a disk, which must exist for the domain to start. */
  readonly disk: string | undefined;
}

function isHardDisk(element: XmlElement): boolean {
  const device = attributeOf(element, "device") ?? "disk";
  return element.name === "disk" && ["disk", "lun"].includes(device);
}

function valuesOf(element: XmlElement): readonly string[] {
  const own = [element.text.trim(), ...element.attributes.map(({ value }) => value)];
  return [...own, ...element.children.flatMap(valuesOf)];
}

/** Returns every absolute path in a document, in any element or attribute. */
function filesIn(element: XmlElement, inside?: string): readonly NamedFile[] {
  const disk = isHardDisk(element) ? valuesOf(element).join("\n") : inside;
  const values = [element.text.trim(), ...element.attributes.map(({ value }) => value)];
  return [
    ...values
      .filter((value) => value.startsWith("/"))
      .map((value) => ({ path: value, disk: element.name === "source" ? disk : undefined })),
    ...element.children.flatMap((child) => filesIn(child, disk)),
  ];
}

/** Notes the files in a VM's record, whether or not it is valid. */
function noteRecord(document: string, ledger: UseLedger): void {
  try {
    const instance = readInstance(document);
    if (instance === undefined) return;
    const generations = [instance.current, instance.previous].filter((each) => each !== undefined);
    ledger.know(generations.flatMap(filesOf), instance.package);
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
  }
}

/** Destination of noted uses. */
export interface NoteTaker {
  readonly ledger: UseLedger;
  readonly paths: HostPaths;
  /** Returns whether a missing file may come back. */
  readonly mayComeBack: (file: string) => Promise<boolean>;
}

/** Notes the files in a document about a domain. */
export async function noteDocument(document: string, user: string, on: NoteTaker): Promise<void> {
  const { ledger, paths, mayComeBack } = on;
  ledger.mention(document, user);
  const limits = { maxBytes: 32 * 1024 * 1024, maxNodes: 1_000_000 };
  let root: XmlElement;
  try {
    root = parseXml(document, user, limits);
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    return ledger.obstacle(aboutSubject(user, error.message));
  }
  noteRecord(document, ledger);
  for (const file of filesIn(root)) {
    await ledger.follow(file.path, user);
    if (file.disk === undefined || path.dirname(await resolveFolder(file.path)) === paths.baseDir)
      continue;
    const isThere = await access(file.path).then(
      () => true,
      () => false,
    );
    if (isThere || !(await mayComeBack(file.path))) continue;
    const hints = { files: [file.path], text: file.disk };
    ledger.obstacle(`${user}: its disk ${file.path} is missing`, hints);
  }
}

/** Notes the files that the domains of a connection use: in their next start, their present run and their snapshots. */
export async function noteDomains(connection: Connection, on: NoteTaker): Promise<void> {
  const { ledger } = on;
  const survey = await surveyDomains(connection, "everything").catch((error: unknown) => {
    if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    ledger.obstacle(`${connection.uri}: cannot list its domains: ${error.message}`);
    return { domains: [], failures: [] };
  });
  for (const { domain, error } of survey.failures)
    ledger.obstacle(`domain ${domain}: ${error.message}`);
  const work = { count: survey.domains.length, of: "domains" };
  const task = connection.context.progress.start("reading domains", work);
  try {
    for (const dump of survey.domains) {
      for (const document of documentsOf(dump))
        await noteDocument(document, `domain ${dump.name}`, on);
      task.advance(1);
    }
  } finally {
    task.done();
  }
}

/**
 * Reads a definition; undefined if it is not a plain file or cannot be read. Users can put anything into their own
 * folders, even a fifo without a writer.
 */
async function readDefinition(file: string): Promise<string | undefined> {
  return readPlainText(file).catch(() => undefined);
}

/** Returns the folders in which libvirt's drivers keep definitions, including those of users' own daemons. */
async function definitionFolders(paths: HostPaths): Promise<readonly string[]> {
  const at = (place: string): string => path.join(paths.root, place);
  const passwd = await readPlainText(at("/etc/passwd")).catch(() => "");
  const homes = passwd.split("\n").flatMap((line) => {
    const home = line.split(":")[5] ?? "";
    return home.startsWith("/") && home !== "/" ? [home] : [];
  });
  return [
    ...["qemu", "libxl", "lxc"].map((driver) => at(`/etc/libvirt/${driver}`)),
    ...[...new Set(homes)].map((home) => at(path.join(home, ".config/libvirt/qemu"))),
  ];
}

/**
 * Notes the files in definitions on disk: of drivers whose daemon was not asked, and of users' own daemons. Unreadable
 * definitions are ignored.
 */
export async function noteDefinitions(paths: HostPaths, on: NoteTaker): Promise<void> {
  for (const folder of await definitionFolders(paths)) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names.filter((each) => each.endsWith(".xml"))) {
      const file = path.join(folder, name);
      const text = await readDefinition(file);
      if (text !== undefined) await noteDocument(text, file, on);
    }
  }
}
