import type { PackageNaming } from "./naming.ts";
import type { ShippedFile } from "./shipped-file.ts";

/** Placeholder for a digest that is only known in a real build. */
const UNKNOWN_UNTIL_BUILT = "unknown-until-built";

/** Returns the name of a base in the pool: the package, its version-release, and the file. */
export function poolFileName(naming: PackageNaming, file: ShippedFile): string {
  const name = file.unpack.action === "expand" ? file.unpack.targetName : file.name;
  return `${naming.package}-${naming.versionRelease}-${name}`;
}

/** Size and digest of a base, as text that the writer completes for files it measures itself. */
export function baseMeasures(
  file: ShippedFile,
  payloadDir: string,
): { readonly bytes: string; readonly sha256: string } {
  if (file.unpack.action === "link") {
    const path = `${payloadDir}/${file.name}`;
    return { bytes: `@BYTES(${path})@`, sha256: `@SHA256(${path})@` };
  }
  return file.unpack.expanded === undefined
    ? { bytes: "0", sha256: UNKNOWN_UNTIL_BUILT }
    : { bytes: String(file.unpack.expanded.bytes), sha256: file.unpack.expanded.sha256 };
}

/**
 * Renders `unpack.list`, which a shell script reads on the host: one line per file, five fields separated by tabs
 * (action, source in the payload directory, target in the pool, bytes and sha256 of the target).
 */
export function renderUnpackList(
  naming: PackageNaming,
  files: readonly ShippedFile[],
  payloadDir: string,
): string {
  return files
    .map((file) => {
      const { bytes, sha256 } = baseMeasures(file, payloadDir);
      return `${[file.unpack.action, file.name, poolFileName(naming, file), bytes, sha256].join("\t")}\n`;
    })
    .join("");
}
