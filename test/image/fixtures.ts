import { execFile } from "node:child_process";
import { open, truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs the real qemu-img. */
export async function qemuImg(...args: readonly string[]): Promise<string> {
  return (await run("qemu-img", args)).stdout;
}

/** A sparse raw disk: text-like data at some places, holes between. */
export async function makeRaw(file: string, sizeBytes: number, seed = "a"): Promise<string> {
  await writeFile(file, "");
  await truncate(file, sizeBytes);
  const handle = await open(file, "r+");
  const step = Math.max(512, Math.floor(sizeBytes / 5 / 512) * 512);
  for (let offset = 0; offset + 4096 <= sizeBytes; offset += step) {
    await handle.write(
      Buffer.from(`${seed}${offset} `.repeat(2048).slice(0, 4096)),
      0,
      4096,
      offset,
    );
  }
  await handle.close();
  return file;
}

/** Changes bytes of a file in place. */
export async function patch(file: string, offset: number, bytes: Uint8Array): Promise<string> {
  const handle = await open(file, "r+");
  await handle.write(bytes, 0, bytes.length, offset);
  await handle.close();
  return file;
}

export function bigEndian(value: number, length: 4 | 8): Buffer {
  const buffer = Buffer.alloc(length);
  if (length === 4) buffer.writeUInt32BE(value);
  else buffer.writeBigUInt64BE(BigInt(value));
  return buffer;
}
