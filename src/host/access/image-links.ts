import { realpath } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { readReferences } from "../../image/index.ts";

/** Backing files of a disk image. */
export interface ImageLinks {
  /** True if it is a qcow2 image by its content. */
  readonly isQcow2: boolean;
  /** The files that it names, each with its possible absolute paths; they may be missing. */
  readonly targets: readonly (readonly string[])[];
  /** True if it declares them as raw: their content is from a guest, and names no files. */
  readonly restsOnRaw: boolean;
  /** Why its backing files are unknown, one sentence each. */
  readonly problems: readonly string[];
}

/** QEMU protocols for files outside of this host. */
const remote =
  /^(?:https?|ftps?|ssh|nbd(?:\+\w+)?|rbd|gluster(?:\+\w+)?|iscsi|nfs|sheepdog|nvme|vxhs):/;

/** Returns every text in a JSON value that may be a file path. */
function pathsInJson(value: unknown, key = ""): readonly string[] {
  if (typeof value === "string") {
    const isPath = value.startsWith("/") || key === "filename" || key.endsWith(".filename");
    return isPath && !remote.test(value) ? [value] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => pathsInJson(child, name));
}

/** Returns the files for a name in an image's header; undefined if unknown. */
function interpret(name: string): readonly string[] | undefined {
  if (name.startsWith("json:")) {
    try {
      return pathsInJson(JSON.parse(name.slice("json:".length)));
    } catch {
      return undefined;
    }
  }
  const file = /^file:(?:\/\/(?=\/))?(.+)$/s.exec(name)?.[1];
  if (file !== undefined) return [file];
  if (remote.test(name)) return [];
  return /^[A-Za-z][\w+.-]*:/.test(name) ? undefined : [name];
}

/**
 * Returns the backing files of an image, from its own header only. Relative names are resolved against the image's
 * folder, as named and with links followed.
 *
 * @throws ApplianceError `LIB_IO` if the file is missing or unreadable
 */
export async function readImageLinks(file: string): Promise<ImageLinks> {
  try {
    const { format, names, backingFormat } = await readReferences(file);
    const targets: (readonly string[])[] = [];
    const problems: string[] = [];
    const folders = [path.dirname(file)];
    if (names.length > 0) folders.push(path.dirname(await realpath(file)));
    for (const name of names) {
      const found = interpret(name);
      if (found === undefined)
        problems.push(`${file}: is backed by "${name}", which is not a file`);
      for (const each of found ?? [])
        targets.push([...new Set(folders.map((folder) => path.resolve(folder, each)))]);
    }
    const restsOnRaw = backingFormat === "raw";
    return { isQcow2: format === "qcow2", targets, restsOnRaw, problems };
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "IMAGE_CORRUPT") throw error;
    return { isQcow2: false, targets: [], restsOnRaw: false, problems: [error.message] };
  }
}

/** Resolves the links in the folder of a path; the file itself need not exist. */
export async function resolveFolder(file: string): Promise<string> {
  const folder = await realpath(path.dirname(file)).catch(() => path.dirname(file));
  return path.join(folder, path.basename(file));
}
