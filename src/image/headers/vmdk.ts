/**
 * VMDK with an embedded descriptor ("sparse extent"), little-endian: 0 magic "KDMV"  4 version  8 flags
 * 12 capacity in sectors  20 grain size  28 descriptor offset in sectors  36 descriptor size  44 GTEs per GT
 * 48 redundant grain directory  56 grain directory (all ones: a footer holds it)  64 overhead.
 * Source of truth: VMware, "Virtual Disk Format 5.0"; QEMU, block/vmdk.c.
 *
 * QEMU follows the extent list of a descriptor when the file is plain text or the capacity is 0, and the parent that it
 * finds in 20 sectors from byte 512 on, wherever the header puts the descriptor. Both are closed here. No program opens
 * the name of the one embedded extent, and tools write any name there, so it may differ from the file's.
 */
import {
  corrupt,
  type HeaderFacts,
  namesOtherFile,
  quote,
  type ReadAt,
  type Refusal,
  sizeRefusals,
} from "./finding.ts";

const SECTOR_BYTES = 512;
const HEADER_BYTES = 79;
const DESCRIPTOR_SECTOR = 1n;
const PARENT_SEARCH_BYTES = 20 * SECTOR_BYTES;
const NO_PARENT = "ffffffff";
const FLATTEN =
  "convert it into one file with qemu-img convert -O qcow2, in the folder with all its files";
/** A line of the list of files that hold the data. */
const EXTENT = /(?<![^\r\n])[^\S\r\n]*(?:RW|RDONLY|NOACCESS)\s.*$/m;
/**
 * QEMU treats any text as a VMDK that has its header after comments and blank lines, and then opens the files that it
 * lists.
 */
export const VMDK_TEXT: RegExp = /^(?:#[^\n]*\n| +\r?\n)*version=[123]\r?\n/;
/** Bytes of a text that are searched for names. */
const TEXT_BYTES = 64 * 1024;
const EMBEDDED_TYPES: readonly string[] = ["monolithicSparse", "streamOptimized"];

/** Reads a VMDK header, and returns the reasons to refuse the image. */
export async function readVmdkHeader(readAt: ReadAt): Promise<HeaderFacts> {
  const bytes = await readAt(0, HEADER_BYTES);
  if (bytes.toString("latin1", 0, 4) !== "KDMV") {
    return refuseOtherKind(await readAt(0, PARENT_SEARCH_BYTES));
  }
  if (bytes.length < HEADER_BYTES) {
    return corrupt(`the VMDK header has ${bytes.length} bytes, expected ${HEADER_BYTES}`);
  }
  const sizeBytes = bytes.readBigUInt64LE(12) * BigInt(SECTOR_BYTES);
  const descriptorSector = bytes.readBigUInt64LE(28);
  if (descriptorSector !== DESCRIPTOR_SECTOR) {
    return corrupt(`the VMDK descriptor is at sector ${descriptorSector}, expected 1`);
  }
  const text = await readAt(SECTOR_BYTES, PARENT_SEARCH_BYTES);
  return {
    virtualSizeBytes: Number(sizeBytes),
    refusals: [...sizeRefusals(sizeBytes), ...descriptorRefusals(text)],
    warnings: [],
  };
}

function refuseOtherKind(bytes: Buffer): HeaderFacts {
  const text = bytes.toString("latin1");
  const plainText = text.startsWith("# Disk DescriptorFile");
  const extent = EXTENT.exec(text)?.[0].trim() ?? "of no name";
  return {
    virtualSizeBytes: undefined,
    warnings: [],
    refusals: [
      plainText
        ? namesOtherFile("a data file", quote(Buffer.from(extent, "latin1")), FLATTEN)
        : {
            code: "IMAGE_UNSUPPORTED",
            message:
              "this VMDK type is not supported, expected monolithicSparse or streamOptimized",
            hint: FLATTEN,
          },
    ],
  };
}

function descriptorRefusals(area: Buffer): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const end = area.indexOf(0);
  const text = area.toString("utf8", 0, end === -1 ? area.length : end);
  const value = (key: string): string | undefined =>
    new RegExp(`(?<![^\\r\\n])[^\\S\\r\\n]*${key}\\s*=\\s*"?([^"\\r\\n]*)"?\\s*$`, "im")
      .exec(text)?.[1]
      ?.trim();
  const createType = value("createType");
  if (createType === undefined || !EMBEDDED_TYPES.includes(createType)) {
    refusals.push({
      code: "IMAGE_UNSUPPORTED",
      message: `VMDK of type ${quote(Buffer.from(createType ?? ""))}, expected ${EMBEDDED_TYPES.join(" or ")}`,
      hint: FLATTEN,
    });
  }
  // Searches the same bytes as QEMU, even after a NUL.
  const hint = /parentFileNameHint\s*=?\s*"?([^"\r\n]*)/i.exec(area.toString("latin1"));
  const parent = value("parentCID");
  if (hint !== null || (parent !== undefined && parent.toLowerCase() !== NO_PARENT)) {
    refusals.push(
      namesOtherFile("a parent", quote(Buffer.from(hint?.[1] ?? `CID ${parent ?? ""}`)), FLATTEN),
    );
  }
  const extents = text.match(new RegExp(EXTENT, "gm")) ?? [];
  const bad = extents.filter((line) => !/^\s*RW\s+\d+\s+SPARSE\s+"[^"/\\]*"\s*$/.test(line));
  if (extents.length > 1 || bad.length > 0) {
    const named = quote(Buffer.from((bad[0] ?? extents[1] ?? "").trim()));
    refusals.push(namesOtherFile("a data file", named, FLATTEN));
  }
  return refusals;
}

/** Returns the parent and the extents that a VMDK names. */
export async function readVmdkNames(readAt: ReadAt): Promise<readonly string[]> {
  const text = (await readAt(0, TEXT_BYTES)).toString("latin1");
  const parents = [...text.matchAll(/parentFileNameHint\s*=\s*"([^"\0\r\n]+)"/gi)];
  // The single extent of a VMDK is the file itself, whatever name a tool wrote there.
  const extents = !/^(?:KDMV|COWD)/.test(text)
    ? [...text.matchAll(/(?<![^\r\n])[^\S\r\n]*(?:RW|RDONLY)\s+\d+\s+\w+\s+"([^"\0\r\n]+)"/g)]
    : [];
  return [...parents, ...extents].map((match) =>
    Buffer.from(match[1] ?? "", "latin1").toString("utf8"),
  );
}
