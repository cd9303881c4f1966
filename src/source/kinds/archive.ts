import path from "node:path";
import { parseDescriptor } from "../../appliance/index.ts";
import type { DigestAlgorithm } from "../../lib/bytes/digest.ts";
import { describeListing } from "../describe.ts";
import type { FoundFile, Listing } from "../model.ts";
import { readArchive } from "../read-archive.ts";
import { isDocument } from "./descriptor.ts";
import { mistakenFormat } from "./mistaken-format.ts";
import type { ListInput, OpenInput, SourceKind } from "./kind.ts";

async function listArchive(origin: string, { context, limits }: ListInput): Promise<Listing> {
  const files = await readArchive(origin, context, {
    limits,
    spoolFolder: undefined,
    digestsOf: () => [],
    onFile: () => undefined,
  });
  return { files, problems: [] };
}

/** Spools the files. If the descriptor comes first, computes the checksums that it states while it reads them. */
async function openArchive(origin: string, opening: OpenInput): Promise<Listing> {
  const { context, limits, spool } = opening;
  const wanted = new Map<string, readonly DigestAlgorithm[]>();
  const files = await readArchive(origin, context, {
    limits,
    spoolFolder: await spool.folder(),
    digestsOf: (name) => wanted.get(name) ?? [],
    onFile: (file) => {
      for (const [name, algorithms] of wantedDigests(file)) wanted.set(name, algorithms);
    },
  });
  return { files, problems: [] };
}

/** If the file is a descriptor, returns the digests that it states, by member. */
function wantedDigests(
  file: FoundFile,
): readonly (readonly [string, readonly DigestAlgorithm[]])[] {
  if (file.xml === undefined || file.xml.bytes.length === 0) return [];
  const { appliance } = parseDescriptor(file.xml.bytes, file.path);
  return (appliance?.disks ?? []).map((disk) => [
    path.join(path.dirname(file.path), disk.file),
    [...new Set(disk.checksums.map(({ type }) => type))],
  ]);
}

/** A tar archive, compressed or not. Old tar archives have no magic, so a file of no other kind counts as one. */
export const archiveKind: SourceKind = {
  name: "tarball",
  called: "a tar archive",
  place: "archive",
  isSpooled: true,
  isMine: ({ isFile, head }) => isFile && !isDocument(head) && mistakenFormat(head) === undefined,
  list: listArchive,
  open: openArchive,
  describe: describeListing,
};
