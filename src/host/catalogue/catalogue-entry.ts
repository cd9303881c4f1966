import { type DiskRole, type ShippedFormat, shippedFormatNames } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import { safeRelativePath } from "../../lib/safe-path.ts";

/** A file in the base pool. */
export interface BaseFile {
  /** Plain file name in the base directory. */
  readonly file: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A disk with shipped content. */
export interface BaseDisk extends BaseFile {
  /** Id of the disk in the descriptor. */
  readonly disk: string;
  readonly role: DiskRole;
  readonly format: ShippedFormat;
  readonly virtualSizeBytes: number;
}

/** A disk that has only a size. */
export interface EmptyDisk {
  readonly disk: string;
  readonly role: DiskRole;
  readonly virtualSizeBytes: number | undefined;
}

/** One installed version of an appliance, from `catalogue.json`. */
export interface CatalogueEntry {
  /** Folder of the entry. */
  readonly directory: string;
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly label: string;
  readonly payloadDir: string;
  /** Ids of the appliance in virt-install. */
  readonly osinfoIds: readonly string[];
  readonly bases: readonly BaseDisk[];
  readonly empty: readonly EmptyDisk[];
  readonly kernel: BaseFile | undefined;
  readonly initrd: BaseFile | undefined;
}

/** Returns every file of an entry in the pool. */
export function baseFilesOf(entry: CatalogueEntry): readonly BaseFile[] {
  return [...entry.bases, entry.kernel, entry.initrd].filter((file) => file !== undefined);
}

type Json = Readonly<Record<string, unknown>>;

const roles: readonly DiskRole[] = ["system", "data", "scratch"];

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads members of an object. Refuses members of the wrong type. */
function reader(value: unknown, file: string, place: string) {
  const bad = (key: string, expected: string): ApplianceError =>
    new ApplianceError("HOST_CATALOGUE_BAD", `${file}: ${place}${key} is not ${expected}`);
  if (!isObject(value)) throw bad("", "an object");
  const object: Json = value;
  return {
    bad,
    object,
    text(key: string): string {
      const found = object[key];
      if (typeof found === "string" && found !== "") return found;
      throw bad(key, "text");
    },
    size(key: string): number {
      const found = object[key];
      if (typeof found === "number" && Number.isSafeInteger(found) && found >= 0) return found;
      throw bad(key, "a size");
    },
    oneOf<T extends string>(key: string, values: readonly T[]): T {
      const found = values.find((each) => each === object[key]);
      if (found !== undefined) return found;
      throw bad(key, `one of ${values.join(", ")}`);
    },
    list(key: string): readonly unknown[] {
      const found = object[key] ?? [];
      if (Array.isArray(found)) return found;
      throw bad(key, "a list");
    },
  };
}

function readFile(value: unknown, file: string, place: string): BaseFile {
  const read = reader(value, file, `${place}.`);
  const name = safeRelativePath(read.text("file"), file);
  if (name.includes("/")) throw read.bad("file", "a plain file name");
  const sha256 = read.text("sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw read.bad("sha256", "a SHA-256 digest");
  return { file: name, bytes: read.size("bytes"), sha256 };
}

function readBase(value: unknown, file: string, place: string): BaseDisk {
  const read = reader(value, file, `${place}.`);
  return {
    ...readFile(value, file, place),
    disk: read.text("disk"),
    role: read.oneOf("role", roles),
    format: read.oneOf("format", shippedFormatNames),
    virtualSizeBytes: read.size("virtualSizeBytes"),
  };
}

function readEmpty(value: unknown, file: string, place: string): EmptyDisk {
  const read = reader(value, file, `${place}.`);
  return {
    disk: read.text("disk"),
    role: read.oneOf("role", roles),
    virtualSizeBytes:
      read.object["virtualSizeBytes"] === undefined ? undefined : read.size("virtualSizeBytes"),
  };
}

/**
 * Returns the content of `catalogue.json`.
 *
 * @param at.directory  folder of the entry
 * @throws ApplianceError `HOST_CATALOGUE_BAD`
 */
export function parseCatalogueEntry(
  text: string,
  at: { readonly directory: string; readonly file: string },
): CatalogueEntry {
  const { directory, file } = at;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ApplianceError("HOST_CATALOGUE_BAD", `${file}: not JSON`, { cause });
  }
  const read = reader(value, file, "");
  if (read.object["schema"] !== 1)
    throw read.bad("schema", "1, the only one that this version supports");
  const optional = (key: "kernel" | "initrd"): BaseFile | undefined =>
    read.object[key] === undefined ? undefined : readFile(read.object[key], file, key);
  return {
    directory,
    name: read.text("name"),
    package: read.text("package"),
    version: read.text("version"),
    release: read.text("release"),
    arch: read.text("arch"),
    label: read.text("label"),
    payloadDir: read.text("payloadDir"),
    osinfoIds: read.list("osinfoIds").filter((id) => typeof id === "string"),
    bases: read.list("bases").map((each, n) => readBase(each, file, `bases[${n}]`)),
    empty: read.list("empty").map((each, n) => readEmpty(each, file, `empty[${n}]`)),
    kernel: optional("kernel"),
    initrd: optional("initrd"),
  };
}
