import { type Appliance, type Disk, isPlainFormat, type Problem } from "../appliance/index.ts";
import { aboutSubject, ApplianceError } from "../errors.ts";
import {
  type ExaminedHeader,
  examineFile,
  type ImageWarning,
  judgeHeader,
  refuseDisguise,
} from "../image/index.ts";
import { namedFiles } from "./check-files.ts";
import type { FoundFile, SourceFile } from "./model.ts";

interface Checked {
  readonly refusals: readonly {
    readonly error: ApplianceError;
    readonly line: number | undefined;
  }[];
  readonly warnings: readonly Problem[];
}

/** A file that a host's pool gets, and how its content is checked. */
interface Content {
  readonly path: string;
  readonly line: number | undefined;
  /** @throws ApplianceError if its content differs from its declared format */
  readonly judge: (header: ExaminedHeader, subject: string) => readonly ImageWarning[];
}

/** Returns kernels and initial RAM disks, which hosts get byte for byte. */
function bootFiles(appliance: Appliance): readonly Content[] {
  return namedFiles(appliance).flatMap(({ what, path, line }): readonly Content[] => {
    if (what !== "kernel" && what !== "initrd") return [];
    return [
      {
        path,
        line,
        judge: ({ detected }, subject) => {
          refuseDisguise(detected, what, subject);
          return [];
        },
      },
    ];
  });
}

/** Returns all shipped files; scratch disks are never shipped. */
function contents(appliance: Appliance): readonly Content[] {
  const disks = appliance.disks
    .filter(({ role }) => role !== "scratch")
    .map(({ file, line, format }): Content => ({
      path: file,
      line,
      judge: (header, subject) => judgeHeader(header, format, subject).warnings,
    }));
  return [...disks, ...bootFiles(appliance)];
}

/** Checks each file that exists. */
async function checkEach(
  shipped: readonly Content[],
  look: (path: string) => Promise<{ header: ExaminedHeader; subject: string } | undefined>,
): Promise<Checked> {
  const refusals: Checked["refusals"][number][] = [];
  const warnings: Problem[] = [];
  for (const { path, line, judge } of shipped) {
    try {
      const found = await look(path);
      if (found === undefined) continue;
      for (const { code, message } of judge(found.header, found.subject))
        warnings.push({ severity: "warning", code, message: aboutSubject(path, message), line });
    } catch (error) {
      if (!(error instanceof ApplianceError) || !error.code.startsWith("IMAGE_")) throw error;
      refusals.push({ error, line });
    }
  }
  return { refusals, warnings };
}

/** Checks files of a folder. Throws the first refusal, with the others as details. */
async function refuseBad(
  shipped: readonly Content[],
  files: ReadonlyMap<string, { readonly absolutePath: string }>,
  origin: string,
): Promise<readonly Problem[]> {
  const { refusals, warnings } = await checkEach(shipped, async (path) => {
    const found = files.get(path);
    if (found === undefined) return undefined;
    const subject = `${origin}: ${path}`;
    return { header: await examineFile(found.absolutePath, subject), subject };
  });
  const [first, ...others] = refusals.map(({ error }) => error);
  if (first === undefined) return warnings;
  const { code, message, hint } = first;
  const details = [
    ...first.details,
    ...others.flatMap((error) => [error.message, ...error.details]),
  ];
  throw new ApplianceError(code, message, {
    details,
    cause: first,
    hint,
  });
}

/**
 * Refuses, by their first bytes, disks that name other files or do not have the declared format, and kernels that are
 * disk images. `build` would refuse the same files.
 *
 * @returns warnings
 * @throws ApplianceError `IMAGE_*` of the first such file, with the others as details
 */
export function refuseBadDisks(
  appliance: Appliance,
  files: ReadonlyMap<string, { readonly absolutePath: string }>,
  origin: string,
): Promise<readonly Problem[]> {
  return refuseBad(contents(appliance), files, origin);
}

/**
 * Refuses kernels and initial RAM disks that are disk images: the pool of a host, which contains them, guesses formats.
 *
 * @throws ApplianceError `IMAGE_FORMAT_MISMATCH`
 */
export async function refuseBadBootFiles(source: {
  readonly origin: string;
  readonly appliance: Appliance;
  readonly files: readonly SourceFile[];
}): Promise<void> {
  const files = new Map(source.files.map((file) => [file.path, file]));
  await refuseBad(bootFiles(source.appliance), files, source.origin);
}

/**
 * Returns the detected formats of disks and kernels. For an archive, the first bytes were kept while it was read; files
 * of a folder are opened.
 */
export async function examineContents(
  appliance: Appliance,
  files: ReadonlyMap<string, Pick<FoundFile, "absolutePath" | "header">>,
): Promise<ReadonlyMap<string, ExaminedHeader>> {
  const headers = new Map<string, ExaminedHeader>();
  for (const { path } of contents(appliance)) {
    const { header, absolutePath } = files.get(path) ?? {};
    if (header !== undefined) headers.set(path, header);
    else if (absolutePath !== undefined) headers.set(path, await examineFile(absolutePath, path));
  }
  return headers;
}

/** Returns the size of a disk as the VM sees it; undefined if its header does not state it. */
export function virtualSizeOf(disk: Disk, header: ExaminedHeader): number | undefined {
  if (isPlainFormat(disk.format)) return header.sizeBytes;
  return header.detected === disk.format ? header.facts?.virtualSizeBytes : undefined;
}

/** Returns the problems of disks and kernels, by the rules of `refuseBadDisks`. */
export async function findBadDisks(
  appliance: Appliance,
  headers: ReadonlyMap<string, ExaminedHeader>,
): Promise<readonly Problem[]> {
  const { refusals, warnings } = await checkEach(contents(appliance), (path) => {
    const header = headers.get(path);
    return Promise.resolve(header && { header, subject: path });
  });
  const errors = refusals.map(({ error: { code, message }, line }): Problem => ({
    severity: "error",
    code: code.toLowerCase().replaceAll("_", "-"),
    message,
    line,
  }));
  return [...errors, ...warnings];
}
