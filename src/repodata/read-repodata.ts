import { streamXml } from "../lib/xml/stream.ts";
import type { XmlStart } from "../lib/xml/reader.ts";
import {
  damaged,
  MAX_PACKAGES,
  openContent,
  readVerified,
  type RepodataSource,
} from "./open-metadata.ts";
import { type MetadataFile, parseRepomd, type Repomd } from "./repomd.ts";
import { type IndexType, indexTypes } from "./render-package.ts";

/** The part of primary metadata that identifies and locates a package. */
export interface PackageSummary {
  readonly name: string;
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly summary: string;
  /** Digest of the file: the package's id. */
  readonly pkgid: string;
  readonly checksumType: string;
  readonly sizeBytes: number;
  readonly buildTimeSeconds: number;
  /** Path below the repository's root, unchanged and not checked. */
  readonly location: string;
}

/** Metadata that was read and compared with repomd.xml. */
export interface ReadRepodata extends Repomd {
  /** In the order of primary metadata. */
  readonly packages: readonly PackageSummary[];
}

type Growing = { -readonly [Key in keyof PackageSummary]?: PackageSummary[Key] };

function attribute(start: XmlStart, name: string): string {
  return start.attributes.find((one) => one.name === name)?.value ?? "";
}

/** Facts in the attributes of an element directly below `<package>`. */
function takeAttributes(start: XmlStart, into: Growing): void {
  if (start.name === "version") {
    into.epoch = Number(attribute(start, "epoch") || "0");
    into.version = attribute(start, "ver");
    into.release = attribute(start, "rel");
  } else if (start.name === "checksum") into.checksumType = attribute(start, "type");
  else if (start.name === "time") into.buildTimeSeconds = Number(attribute(start, "build"));
  else if (start.name === "size") into.sizeBytes = Number(attribute(start, "package"));
  else if (start.name === "location") into.location = attribute(start, "href");
}

function finished(one: Growing, origin: string): PackageSummary {
  const { name, version, release, arch, pkgid, location, sizeBytes, summary = "" } = one;
  const { epoch = 0, checksumType = "", buildTimeSeconds = 0 } = one;
  const numbers = [epoch, sizeBytes, buildTimeSeconds];
  if (!name || !version || !release || !arch || !pkgid || !location) {
    throw damaged(
      origin,
      `package "${name ?? ""}" lacks name, version, arch, checksum or location`,
    );
  }
  if (sizeBytes === undefined || !numbers.every((n) => Number.isSafeInteger(n) && Number(n) >= 0)) {
    throw damaged(origin, `package "${name}": epoch, size or build time is not a number`);
  }
  return {
    name,
    epoch,
    version,
    release,
    arch,
    summary,
    pkgid,
    checksumType,
    sizeBytes,
    buildTimeSeconds,
    location,
  };
}

const textElements: Readonly<Record<string, "name" | "arch" | "pkgid" | "summary">> = {
  name: "name",
  arch: "arch",
  checksum: "pkgid",
  summary: "summary",
};

async function readPrimary(content: Uint8Array, file: MetadataFile): Promise<PackageSummary[]> {
  const packages: PackageSummary[] = [];
  let one: Growing = {};
  let text: { readonly key: "name" | "arch" | "pkgid" | "summary"; value: string } | undefined;
  let depth = 0;
  await streamXml(
    openContent(content, file),
    {
      open(start): void {
        depth = start.depth;
        text = undefined;
        if (depth === 2) one = {};
        if (depth !== 3) return;
        takeAttributes(start, one);
        const key = textElements[start.name];
        if (key !== undefined) text = { key, value: "" };
      },
      text(piece): void {
        if (text !== undefined) text.value += piece;
      },
      close(): void {
        if (text !== undefined) one[text.key] = text.value;
        text = undefined;
        depth -= 1;
        if (depth !== 1) return;
        packages.push(finished(one, file.location));
        if (packages.length > MAX_PACKAGES) throw damaged(file.location, "has too many packages");
      },
    },
    { origin: file.location },
  );
  return packages;
}

/** Reads the ids of the packages in filelists or other. */
async function readIds(content: Uint8Array, file: MetadataFile): Promise<string[]> {
  const ids: string[] = [];
  await streamXml(
    openContent(content, file),
    {
      open(start): void {
        if (start.depth === 2) ids.push(attribute(start, "pkgid"));
        if (ids.length > MAX_PACKAGES) throw damaged(file.location, "has too many packages");
      },
    },
    { origin: file.location },
  );
  return ids;
}

/**
 * Reads the gzip metadata of any repository: primary for its content, filelists and other to check that they describe
 * the same packages. Nothing is parsed before its size and digest match repomd.xml. The caller checks whether
 * repomd.xml itself can be trusted.
 *
 * @param options.all  reads filelists and other too. Default: only primary
 * @throws ApplianceError `REPODATA_DAMAGED`, `REPODATA_TOO_LARGE`, or as `streamXml`
 */
export async function readRepodata(
  repomd: Uint8Array,
  source: RepodataSource,
  options: { readonly origin: string; readonly all?: boolean },
): Promise<ReadRepodata> {
  const parsed = parseRepomd(repomd, options.origin);
  const fileOf = (type: IndexType): MetadataFile => {
    const file = parsed.files.find((one) => one.type === type);
    if (file === undefined) throw damaged(options.origin, `has no file of type ${type}`);
    return file;
  };
  const primary = fileOf("primary");
  const packages = await readPrimary(await readVerified(source, primary), primary);
  if (options.all === true) {
    const expected = packages.map((one) => one.pkgid).sort();
    for (const file of indexTypes.slice(1).map(fileOf)) {
      const ids = (await readIds(await readVerified(source, file), file)).sort();
      if (ids.length !== expected.length || ids.some((id, i) => id !== expected[i])) {
        throw damaged(file.location, "describes other packages than the primary metadata");
      }
    }
  }
  return { ...parsed, packages };
}
