import type { FileSource, PlannedEntry, VerifyAspect } from "./package-plan.ts";
import { hostLayout } from "./host-layout.ts";
import type { PackageNaming } from "./naming.ts";
import { osinfoFileName } from "./osinfo.ts";
import type { ShippedFile } from "./shipped-file.ts";

/**
 * libvirt changes the owner of a base while a VM runs, and the payload has the same inode as the base. So `rpm -V` does
 * not compare the owner.
 */
const PAYLOAD_VERIFY_EXCEPT: readonly VerifyAspect[] = ["user", "group"];

/** A documentation file of the source, for the catalogue directory. */
export interface DocumentationFile {
  readonly name: string;
  readonly stagedPath: string;
  readonly attribute: "doc" | "license" | "readme";
}

/** Files of an appliance package with content from the plan. */
export interface EntryTexts {
  readonly unpackList: string;
  readonly descriptor: string;
  readonly catalogue: string;
  readonly osinfo: string;
}

/** Input for the file list of an appliance package. */
export interface EntriesInput {
  readonly naming: PackageNaming;
  readonly mtimeSeconds: number;
  /** Parent of the package's payload folder. */
  readonly payloadRoot: string;
  readonly shipped: readonly ShippedFile[];
  readonly documentation: readonly DocumentationFile[];
  readonly texts: EntryTexts;
}

/** Returns the payload directory of a package version. */
export function payloadDirOf(payloadRoot: string, naming: PackageNaming): string {
  return `${payloadRoot}/${naming.package}/${naming.versionRelease}`;
}

/** Returns the catalogue directory of a package version. */
export function catalogueDirOf(naming: PackageNaming): string {
  return `${hostLayout.catalogueDir}/${naming.package}-${naming.versionRelease}`;
}

function byPath(a: PlannedEntry, b: PlannedEntry): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

/** Returns the file list of an appliance package: payload, catalogue entry, osinfo entry; sorted by path. */
export function planEntries(input: EntriesInput): readonly PlannedEntry[] {
  const { naming, texts } = input;
  const owner = { user: "root", group: "root", mtimeSeconds: input.mtimeSeconds };
  const directory = (path: string): PlannedEntry => ({
    kind: "directory",
    path,
    mode: 0o755,
    ...owner,
  });
  const file = (path: string, source: FileSource): PlannedEntry => ({
    kind: "file",
    path,
    mode: 0o644,
    ...owner,
    source,
  });
  const text = (path: string, content: string): PlannedEntry =>
    file(path, { kind: "text", text: content });
  const payloadDir = payloadDirOf(input.payloadRoot, naming);
  const catalogueDir = catalogueDirOf(naming);
  const entries: PlannedEntry[] = [
    directory(`${input.payloadRoot}/${naming.package}`),
    directory(payloadDir),
    file(`${payloadDir}/unpack.list`, { kind: "template", text: texts.unpackList }),
    ...input.shipped.map((entry): PlannedEntry => ({
      ...file(`${payloadDir}/${entry.name}`, { kind: "staged", path: entry.stagedPath }),
      mode: 0o444,
      verifyExcept: PAYLOAD_VERIFY_EXCEPT,
    })),
    directory(catalogueDir),
    text(`${catalogueDir}/appliance.xml`, texts.descriptor),
    file(`${catalogueDir}/catalogue.json`, { kind: "template", text: texts.catalogue }),
    text(`${catalogueDir}/payload`, `${payloadDir}\n`),
    ...input.documentation.map((entry): PlannedEntry => ({
      ...file(`${catalogueDir}/${entry.name}`, { kind: "staged", path: entry.stagedPath }),
      attributes: [entry.attribute],
    })),
    text(
      `${hostLayout.osinfoDir}/${osinfoFileName({ ...naming, name: naming.appliance })}`,
      texts.osinfo,
    ),
  ];
  return entries.sort(byPath);
}
