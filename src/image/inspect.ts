import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import { type DiskFormat, isPlainFormat } from "../appliance/index.ts";
import type { Context } from "../lib/context.ts";
import type { ImageFacts, Qcow2Facts } from "./facts.ts";
import { type CheckedHeader, inspectHeader } from "./inspect-header.ts";
import { driverOf, imagePath, runQemuImg } from "./qemu-img.ts";

/** Exit statuses of `qemu-img check` with a result: errors found, leaks found. */
const CHECK_FOUND_ERRORS = 2;
const CHECK_FOUND_LEAKS = 3;

/**
 * Returns facts about a disk image. Checks its header first, and refuses an image that names other files (backing file,
 * parent, external data file) or is encrypted, damaged or absurd, before qemu-img opens it: qemu-img would read those
 * files with the rights of this process.
 *
 * @param options.format  declared format; the content of `raw` and `iso` is not examined
 * @throws ApplianceError `IMAGE_BACKING_FILE`, `IMAGE_EXTERNAL_DATA`, `IMAGE_ENCRYPTED`, `IMAGE_CORRUPT`,
 *   `IMAGE_BAD_SIZE`, `IMAGE_FORMAT_MISMATCH`, `IMAGE_UNSUPPORTED`; `LIB_IO` when there is no such file
 */
export async function inspectImage(
  file: string,
  context: Context,
  options: { readonly format: DiskFormat },
): Promise<ImageFacts> {
  const { format } = options;
  const header = await inspectHeader(file, format);
  if (!isPlainFormat(format)) await compareWithQemu(file, context, { format, header });
  const qcow2 = format === "qcow2" ? await checkQcow2(file, context, header) : undefined;
  return {
    format,
    content: header.content,
    virtualSizeBytes: header.virtualSizeBytes,
    fileSizeBytes: header.fileSizeBytes,
    allocatedBytes: header.allocatedBytes,
    warnings: header.warnings,
    ...(qcow2 === undefined ? {} : { qcow2 }),
  };
}

/** The size read here and the size read by qemu-img must be equal; otherwise one of the two was deceived. */
async function compareWithQemu(
  file: string,
  context: Context,
  known: { readonly format: DiskFormat; readonly header: CheckedHeader },
): Promise<void> {
  const { stdout } = await runQemuImg(
    ["info", "--output=json", "-f", driverOf(known.format), imagePath(file)],
    context,
    { subject: file },
  );
  const info = parseAnswer(stdout, file);
  const found = info["virtual-size"];
  if (info["backing-filename"] !== undefined || info["encrypted"] === true) {
    throw new ApplianceError("IMAGE_BACKING_FILE", `${file}: qemu-img finds more than one file`);
  }
  if (found !== known.header.virtualSizeBytes) {
    throw new ApplianceError(
      "IMAGE_CORRUPT",
      `${file}: qemu-img reads a disk of ${String(found)} bytes, but its header has ${known.header.virtualSizeBytes}`,
    );
  }
}

async function checkQcow2(
  file: string,
  context: Context,
  header: CheckedHeader,
): Promise<Qcow2Facts> {
  const { stdout } = await runQemuImg(
    ["check", "--output=json", "-f", "qcow2", imagePath(file)],
    context,
    { subject: file, acceptExitCodes: [CHECK_FOUND_ERRORS, CHECK_FOUND_LEAKS] },
  );
  const check = parseAnswer(stdout, file);
  const count = (key: string): number => {
    const value = check[key];
    return typeof value === "number" ? value : 0;
  };
  const errors = count("corruptions") + count("check-errors");
  if (errors > 0) {
    throw new ApplianceError(
      "IMAGE_CORRUPT",
      `${file}: qemu-img check finds ${countOf(errors, "error")}`,
      {
        hint: "repair it with qemu-img check -r all IMAGE, or create it again",
      },
    );
  }
  return {
    compression: header.compression ?? "zlib",
    clusterSizeBytes: header.clusterSizeBytes ?? 65536,
    allocatedClusters: count("allocated-clusters"),
    compressedClusters: count("compressed-clusters"),
    leakedClusters: count("leaks"),
    carriesState: header.carriesState ?? false,
  };
}

function parseAnswer(json: string, file: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null) {
    throw new ApplianceError("IMAGE_CORRUPT", `${file}: qemu-img returned nothing about the image`);
  }
  return { ...value };
}
