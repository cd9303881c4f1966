import path from "node:path";
import { type Appliance, parseDescriptor, type Problem } from "../appliance/index.ts";
import { findDescriptor } from "./find-descriptor.ts";
import type { FoundFile, Listing } from "./model.ts";

/** The files of a source, relative to its descriptor. */
export interface Described {
  readonly descriptor: FoundFile;
  readonly descriptorText: string;
  readonly appliance: Appliance | undefined;
  /** The readable part of the descriptor, even with errors. */
  readonly understood: Appliance | undefined;
  /** Problems of the descriptor, and files outside its folder. */
  readonly problems: readonly Problem[];
  /** By path relative to the descriptor's folder; without the descriptor. */
  readonly files: ReadonlyMap<string, FoundFile>;
}

/**
 * Finds and reads the descriptor in the listing of a source. Returns the listing's problems too.
 *
 * @throws ApplianceError as {@link describeFiles}
 */
export function describeListing({ files, problems }: Listing, origin: string): Described {
  const described = describeFiles(files, origin);
  return { ...described, problems: [...problems, ...described.problems] };
}

/**
 * Finds and reads the descriptor among the files of a source.
 *
 * @throws ApplianceError `SOURCE_NO_DESCRIPTOR`, `SOURCE_TWO_DESCRIPTORS`
 */
export function describeFiles(found: readonly FoundFile[], origin: string): Described {
  const descriptor = findDescriptor(found, origin);
  const { appliance, understood, problems } = parseDescriptor(
    descriptor.xml.bytes,
    descriptor.path,
  );
  const folder = path.dirname(descriptor.path);
  const files = new Map<string, FoundFile>();
  const outside: Problem[] = [];
  const sorted = [...found].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const file of sorted) {
    if (file.path === descriptor.path) continue;
    if (folder === ".") {
      files.set(file.path, file);
    } else if (file.path.startsWith(`${folder}/`)) {
      files.set(file.path.slice(folder.length + 1), file);
    } else {
      outside.push({
        severity: "warning",
        code: "file-outside",
        message: `"${file.path}" lies outside the descriptor's folder "${folder}"; it is ignored`,
        line: undefined,
      });
    }
  }
  return {
    descriptor,
    descriptorText: descriptor.xml.bytes.toString("utf8"),
    appliance,
    understood,
    problems: [...problems, ...outside],
    files,
  };
}
