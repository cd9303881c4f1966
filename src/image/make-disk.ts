import { chmod, open, stat } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../lib/context.ts";
import { fileError, nameForPeople } from "../lib/atomic.ts";
import type { DiskFormat } from "../appliance/index.ts";
import { driverOf, imagePath, runQemuImg } from "./qemu-img.ts";

/** Only QEMU's user, to whom libvirt gives it, and root look into the disk of a VM. */
const DISK_MODE = 0o600;

/** A new disk must be there after a power cut, or the domain that is defined next would name nothing. */
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
 * Makes a qcow2 image that holds the differences to a base, written into as absolute path and with its format.
 * Takes the same time whatever the base's size. Readable by its owner alone, and on the disk when this returns.
 *
 * @param options.path  replaced when it exists
 * @param options.sizeBytes  as the VM sees it; the base's size unless told
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
 * Makes an empty disk that takes no room. Readable by its owner alone, and on the disk when this returns.
 *
 * @param options.path  replaced when it exists
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
 * Copies a disk of a VM, or a file that it boots from: by reflink where the file system can, else with its holes.
 * Readable by its owner alone, and on the disk when this returns.
 *
 * @param options.to  replaced when it exists; half-written while this runs
 * @returns length of the copy in bytes
 * @throws ApplianceError `LIB_EXEC_FAILED` with what cp said; `LIB_INTERRUPTED`
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
 * Changes the size of a disk that no VM has open, as the VM sees it; growing only.
 *
 * @throws ApplianceError as qemu-img, which refuses to shrink
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
