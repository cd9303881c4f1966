import { realpath } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { readReferences } from "../image/index.ts";

/** What a disk image rests on. */
export interface ImageLinks {
  /** Whether it is a qcow2 image by its content. */
  readonly isQcow2: boolean;
  /** The files that it names, each by the absolute paths that it may have; they may not be there. */
  readonly targets: readonly (readonly string[])[];
  /** Whether it says that these are plain bytes: what stands in them is a guest's, and names nothing. */
  readonly restsOnRaw: boolean;
  /** Why it is not known what it rests on, one sentence each; none when it is. */
  readonly problems: readonly string[];
}

/** Protocols of QEMU that lead away from this host's files. */
const remote =
  /^(?:https?|ftps?|ssh|nbd(?:\+\w+)?|rbd|gluster(?:\+\w+)?|iscsi|nfs|sheepdog|nvme|vxhs):/;

/** Returns every text in a JSON value that can be the path of a file. */
function pathsInJson(value: unknown, key = ""): readonly string[] {
  if (typeof value === "string") {
    const isPath = value.startsWith("/") || key === "filename" || key.endsWith(".filename");
    return isPath && !remote.test(value) ? [value] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => pathsInJson(child, name));
}

/** Returns the files that a name in an image's header stands for; undefined when that is not known. */
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
 * Returns what an image rests on, from its own header alone. Relative names begin at the image's folder, as it was
 * named and as it really is.
 *
 * @throws ApplianceError `LIB_IO` when there is no such file, or it cannot be read
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

/** Returns a path with the links of its folder followed; the file itself need not be there. */
export async function resolveFolder(file: string): Promise<string> {
  const folder = await realpath(path.dirname(file)).catch(() => path.dirname(file));
  return path.join(folder, path.basename(file));
}
