import { chmod, open, stat } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../lib/context.ts";
import { fileError, nameForPeople } from "../lib/atomic.ts";
import type { DiskFormat } from "../appliance/index.ts";
import { driverOf, imagePath, runQemuImg } from "./qemu-img.ts";

/** Only root and QEMU's user, to which libvirt gives the file, may read the disk of a VM. */
const DISK_MODE = 0o600;

/** A new disk must survive a power cut, because the domain defined next names it. */
async function seal(file: string): Promise<number> {
  try {
    await chmod(file, DISK_MODE);
    const handle = await open(file, "r");
    try {
      await handle.sync();
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}

/**
 * Creates a qcow2 overlay on a base, with the base's absolute path and format in its header. The time does not depend
 * on the size of the base. Only its owner can read it. It is synced to disk before this returns.
 *
 * @param options.path  replaced if it exists
 * @param options.sizeBytes  as the VM sees it. Default: the base's size
 */
export async function createOverlay(
  options: {
    readonly path: string;
    readonly base: string;
    readonly baseFormat: DiskFormat;
    readonly sizeBytes?: number | undefined;
  },
  context: Context,
): Promise<void> {
  const { base, sizeBytes } = options;
  const backing = ["-F", driverOf(options.baseFormat), "-b", imagePath(base)];
  const size = sizeBytes === undefined ? [] : [String(sizeBytes)];
  await runQemuImg(
    ["create", "-q", "-f", "qcow2", ...backing, imagePath(options.path), ...size],
    context,
    { subject: options.path },
  );
  await seal(options.path);
}

/**
 * Creates an empty disk without allocated space. Only its owner can read it. It is synced to disk before this returns.
 *
 * @param options.path  replaced if it exists
 */
export async function createEmpty(
  options: {
    readonly path: string;
    readonly format: "qcow2" | "raw";
    readonly sizeBytes: number;
  },
  context: Context,
): Promise<void> {
  await runQemuImg(
    ["create", "-q", "-f", options.format, imagePath(options.path), String(options.sizeBytes)],
    context,
    { subject: options.path },
  );
  await seal(options.path);
}

/**
 * Copies a disk or a boot file of a VM, by reflink if the file system supports it, otherwise sparsely. Only its owner
 * can read the copy. It is synced to disk before this returns.
 *
 * @param options.to  replaced if it exists; incomplete while this runs
 * @returns length of the copy in bytes
 * @throws ApplianceError `LIB_EXEC_FAILED` with the message of cp; `LIB_INTERRUPTED`
 */
export async function copyDisk(
  options: { readonly from: string; readonly to: string },
  context: Context,
): Promise<number> {
  const { from, to } = options;
  const { size } = await stat(from).catch((error: unknown) => {
    throw fileError(error, from);
  });
  const task = context.progress.start(`copying ${nameForPeople(from)}`, size);
  try {
    const how = ["--sparse=always", "--reflink=auto", "--no-target-directory"];
    await context.run("cp", [...how, path.resolve(from), path.resolve(to)]);
    task.advance(size);
  } finally {
    task.done();
  }
  return seal(to);
}

/**
 * Enlarges a disk that no VM has open, as the VM sees it.
 *
 * @throws ApplianceError if qemu-img fails; it refuses to shrink
 */
export async function growDisk(
  options: { readonly path: string; readonly format: DiskFormat; readonly sizeBytes: number },
  context: Context,
): Promise<void> {
  const { path: file, format, sizeBytes } = options;
  await runQemuImg(
    ["resize", "-q", "-f", driverOf(format), imagePath(file), String(sizeBytes)],
    context,
    { subject: file },
  );
  await seal(file);
}
