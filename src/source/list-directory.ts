import type { Dirent } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor, type Problem } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { readHead } from "../lib/bytes/compress.ts";
import type { Context } from "../lib/context.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { namedFiles, STAND_IN_SUFFIXES } from "./check-files.ts";
import { isDescriptorCandidate, MAX_DESCRIPTOR_BYTES, XmlKeeper } from "./find-descriptor.ts";
import type { FoundFile, Listing, SourceLimits } from "./model.ts";

/**
 * Returns all files below a folder, without folders whose name begins with a dot. A symbolic link counts as its target
 * if that is in the folder, and is a problem otherwise.
 *
 * @throws ApplianceError `LIB_LIMIT_EXCEEDED` if it has too many files, `LIB_IO`
 */
export async function listDirectory(
  root: string,
  context: Context,
  options: { readonly limits: SourceLimits },
): Promise<Listing> {
  const files: FoundFile[] = [];
  const problems: Problem[] = [];
  const realRoot = await realpath(root).catch((error: unknown) => {
    throw fileError(error, root);
  });
  const xmlFiles = new XmlKeeper();
  let count = 0;
  const visit = async (folder: string): Promise<void> => {
    throwIfInterrupted(context.signal, root);
    for (const entry of await readFolder(path.join(root, folder))) {
      count++;
      if (count > options.limits.maxMembers) throw tooMany(root, options.limits.maxMembers);
      const relative = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".")) await visit(relative);
        continue;
      }
      const found = await lookUp(realRoot, relative, xmlFiles);
      if ("code" in found) problems.push(found);
      else files.push(found);
    }
  };
  await visit("");
  return { files, problems };
}

async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileError(error, folder);
  }
}

function tooMany(root: string, allowed: number): ApplianceError {
  return new ApplianceError(
    "LIB_LIMIT_EXCEEDED",
    `${root}: folder contains more than ${allowed} files, expected the files of one appliance`,
    { hint: "put the appliance into a separate folder" },
  );
}

async function lookUp(
  realRoot: string,
  relative: string,
  xmlFiles: XmlKeeper,
): Promise<FoundFile | Problem> {
  const absolutePath = await realpath(path.join(realRoot, relative)).catch(() => undefined);
  if (absolutePath === undefined || !absolutePath.startsWith(path.join(realRoot, path.sep))) {
    const where =
      absolutePath === undefined ? "to nothing" : `out of the folder, to ${absolutePath}`;
    return problem("error", "link-outside", `"${relative}" is a symbolic link ${where}`);
  }
  const stats = await stat(absolutePath).catch((error: unknown) => {
    throw fileError(error, absolutePath);
  });
  if (!stats.isFile()) {
    return problem("warning", "file-special", `"${relative}" is no plain file; it is ignored`);
  }
  return {
    path: relative,
    absolutePath,
    sizeBytes: stats.size,
    allocatedBytes: stats.blocks * 512,
    digests: {},
    xml: isDescriptorCandidate(relative)
      ? xmlFiles.keep(await readHead(absolutePath, MAX_DESCRIPTOR_BYTES + 1))
      : undefined,
  };
}

/**
 * Returns a descriptor and the existing files that it names. Other files in its folder are not examined: the folder may
 * be shared.
 */
export async function listDescriptor(descriptor: string): Promise<Listing> {
  const files: FoundFile[] = [];
  const problems: Problem[] = [];
  const realRoot = await realpath(path.dirname(descriptor));
  const base = path.basename(descriptor);
  const descriptorBytes = await readHead(descriptor, MAX_DESCRIPTOR_BYTES + 1);
  const root = new XmlKeeper().keep(descriptorBytes).root ?? "image";
  files.push({
    path: base,
    absolutePath: path.join(realRoot, base),
    sizeBytes: descriptorBytes.length,
    digests: {},
    // The named file is the descriptor, even if it is not well-formed: the parser reports the place.
    xml: { root, bytes: descriptorBytes },
  });
  const { appliance } = parseDescriptor(descriptorBytes, base);
  const disks = appliance?.disks ?? [];
  const names = [
    ...disks.flatMap(({ file }) => [file, ...STAND_IN_SUFFIXES.map((suffix) => file + suffix)]),
    ...(appliance === undefined ? [] : namedFiles(appliance).map((named) => named.path)),
  ];
  for (const name of new Set(names)) {
    const exists = await lstat(path.join(realRoot, name)).then(
      () => true,
      () => false,
    );
    if (!exists) continue;
    const found = await lookUp(realRoot, name, new XmlKeeper());
    if ("code" in found) problems.push(found);
    else files.push({ ...found, xml: undefined });
  }
  return { files, problems };
}

function problem(severity: Problem["severity"], code: string, message: string): Problem {
  return { severity, code, message, line: undefined };
}
