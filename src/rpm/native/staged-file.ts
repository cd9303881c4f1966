import { type FileHandle, stat } from "node:fs/promises";
import path from "node:path";
import type { BigIntStats } from "node:fs";
import { ApplianceError } from "../../errors.ts";
import { fileError } from "../../lib/atomic.ts";
import { openPlainFile } from "../../lib/plain-file.ts";
import { safeRelativePath } from "../../lib/safe-path.ts";
import type { PackagePlan } from "../../package/index.ts";

/** A file to be packaged, as measured. */
export interface StagedFile {
  readonly absolutePath: string;
  readonly sizeBytes: number;
  readonly stats: BigIntStats;
}

function changed(file: string, fact: string): ApplianceError {
  return new ApplianceError("RPM_INPUT_CHANGED", `${file}: ${fact}`, {
    hint: "make sure that nothing writes to it, then build again",
  });
}

async function measure(absolutePath: string): Promise<StagedFile> {
  try {
    // The folder is trusted, and the code that created links in it has checked their targets.
    const stats = await stat(absolutePath, { bigint: true });
    if (!stats.isFile()) {
      throw new ApplianceError("LIB_IO", `${absolutePath}: not a regular file`);
    }
    return { absolutePath, sizeBytes: Number(stats.size), stats };
  } catch (error) {
    throw fileError(error, absolutePath);
  }
}

/**
 * Measures every staged file of a plan.
 *
 * @returns the files by their absolute path in the package
 * @throws ApplianceError `LIB_IO`, `LIB_UNSAFE_PATH`
 */
export async function measureStaged(
  plan: PackagePlan,
  stagingFolder: string,
): Promise<ReadonlyMap<string, StagedFile>> {
  const staged = new Map<string, StagedFile>();
  for (const entry of plan.entries) {
    if (entry.kind !== "file" || entry.source.kind !== "staged") continue;
    const relative = safeRelativePath(entry.source.path, plan.name);
    staged.set(entry.path, await measure(path.join(stagingFolder, relative)));
  }
  return staged;
}

/**
 * Checks that an open file is unchanged since it was measured.
 *
 * @throws ApplianceError `RPM_INPUT_CHANGED`
 */
export async function checkUnchanged(staged: StagedFile, handle: FileHandle): Promise<void> {
  const { absolutePath, stats } = staged;
  const now = await handle.stat({ bigint: true });
  if (now.size !== stats.size) {
    throw changed(
      absolutePath,
      `size changed while it was packaged, from ${stats.size} to ${now.size}`,
    );
  }
  if (now.mtimeNs !== stats.mtimeNs || now.ino !== stats.ino || now.dev !== stats.dev) {
    throw changed(absolutePath, "was written to or replaced while it was packaged");
  }
}

/** Opens a measured file for reading. */
export async function openStaged(staged: StagedFile): Promise<FileHandle> {
  const handle = await openPlainFile(staged.absolutePath);
  try {
    await checkUnchanged(staged, handle);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Returns the error for a file that ended early. */
export function endedEarly(staged: StagedFile, atBytes: number): ApplianceError {
  return changed(
    staged.absolutePath,
    `ended at byte ${atBytes} while it was packaged, expected ${staged.sizeBytes}`,
  );
}
