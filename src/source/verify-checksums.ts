import type { Appliance, Problem } from "../appliance/index.ts";
import type { Context } from "../lib/context.ts";
import { digestFile } from "../lib/bytes/digest.ts";
import type { Digests } from "../lib/sparse/write.ts";
import { nameForPeople } from "../lib/atomic.ts";

/** Facts about a file whose checksums may be verified. */
export interface VerifiableFile {
  readonly absolutePath: string;
  readonly sizeBytes: number;
  /** Digests that are already computed. */
  readonly digests: Digests;
}

/**
 * Verifies every checksum in the descriptor whose file exists. Uses digests that were computed while the file was
 * unpacked, and computes others, which reads the file once more. Files without checksums are not read.
 *
 * @returns all digests by file, and a problem for each checksum that differs
 */
export async function verifyChecksums(
  appliance: Appliance,
  files: ReadonlyMap<string, VerifiableFile>,
  context: Context,
): Promise<{
  readonly digests: ReadonlyMap<string, Digests>;
  readonly problems: readonly Problem[];
}> {
  const digests = new Map<string, Digests>();
  const problems: Problem[] = [];
  for (const disk of appliance.disks) {
    const file = files.get(disk.file);
    if (file === undefined) continue;
    let known: Digests = file.digests;
    for (const { type, value } of disk.checksums) {
      const actual = known[type] ?? (await digest(file, type, context));
      known = { ...known, [type]: actual };
      if (actual === value) continue;
      problems.push({
        severity: "error",
        code: "checksum-differs",
        message: `disk "${disk.file}" has the ${type} checksum ${actual}, expected ${value}`,
        line: disk.line,
      });
    }
    digests.set(disk.file, known);
  }
  return { digests, problems };
}

async function digest(
  file: VerifiableFile,
  algorithm: "sha1" | "sha256",
  context: Context,
): Promise<string> {
  const task = context.progress.start(
    `verifying ${nameForPeople(file.absolutePath)}`,
    file.sizeBytes,
  );
  try {
    return await digestFile(file.absolutePath, {
      algorithm,
      signal: context.signal,
      onBytes: (bytes) => task.advance(bytes),
    });
  } finally {
    task.done();
  }
}
