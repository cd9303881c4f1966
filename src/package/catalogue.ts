import type { Appliance } from "../appliance/index.ts";
import type { PackageNaming } from "./naming.ts";
import type { ShippedDisk, ShippedFile } from "./shipped-file.ts";
import { baseMeasures, poolFileName } from "./unpack-list.ts";

/** Version of the catalogue's form; fields are only added. */
const SCHEMA = 1;

/** Input for the catalogue entry of a package. */
export interface CatalogueInput {
  readonly appliance: Appliance;
  readonly naming: PackageNaming;
  readonly payloadDir: string;
  readonly disks: readonly ShippedDisk[];
  readonly kernel: ShippedFile | undefined;
  readonly initrd: ShippedFile | undefined;
  readonly osinfoIds: readonly string[];
}

/** Placeholder for an `@` from the descriptor; it becomes an escape in the written JSON. */
const USER_AT = "\ue000";

/**
 * Renders JSON that the writer completes. Sizes are numbers, so their placeholders have no quotes. An `@` in text from
 * the descriptor is escaped, so that it cannot look like a placeholder.
 */
function renderTemplate(document: unknown): string {
  const json = JSON.stringify(
    document,
    (key, value: unknown) =>
      typeof value === "string" && key !== "bytes" && key !== "sha256"
        ? value.replaceAll("@", USER_AT)
        : value,
    2,
  );
  return `${json.replace(/"bytes": "#([^"#]*)#"/g, '"bytes": $1').replaceAll(USER_AT, "\\u0040")}\n`;
}

/** Renders `catalogue.json`, the entry that host tools read; digests and sizes are completed by the writer. */
export function renderCatalogue(input: CatalogueInput): string {
  const { appliance, naming } = input;
  const shipped = new Map(input.disks.map((entry) => [entry.disk.id, entry]));
  const lines = (file: ShippedFile): Record<string, unknown> => {
    const { bytes, sha256 } = baseMeasures(file, input.payloadDir);
    return { file: poolFileName(naming, file), bytes: `#${bytes}#`, sha256 };
  };
  const document = {
    schema: SCHEMA,
    name: naming.appliance,
    package: naming.package,
    version: naming.version,
    release: naming.release,
    arch: naming.arch,
    label: appliance.label ?? naming.appliance,
    payloadDir: input.payloadDir,
    osinfoIds: input.osinfoIds,
    bases: input.disks.map((entry) => ({
      disk: entry.disk.id,
      role: entry.disk.role,
      ...lines(entry),
      format: entry.format,
      virtualSizeBytes: entry.virtualSizeBytes,
    })),
    empty: appliance.disks
      .filter((disk) => !shipped.has(disk.id))
      .map((disk) => ({ disk: disk.id, role: disk.role, virtualSizeBytes: disk.sizeBytes })),
    ...(input.kernel === undefined ? {} : { kernel: lines(input.kernel) }),
    ...(input.initrd === undefined ? {} : { initrd: lines(input.initrd) }),
  };
  return renderTemplate(document);
}
