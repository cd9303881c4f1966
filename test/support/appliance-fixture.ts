import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, open, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** One disk element of {@link descriptorOf}. */
export interface DiskElement {
  readonly file: string;
  readonly use?: "system" | "data" | "scratch";
  readonly format?: string;
  readonly sizeMib?: number;
  readonly sha256?: string;
  readonly sha1?: string;
}

/** A small sound descriptor with these disks. */
export function descriptorOf(
  disks: readonly DiskElement[],
  options: { readonly name?: string; readonly version?: string; readonly kernel?: string } = {},
): string {
  const os =
    options.kernel === undefined
      ? "<loader dev='hd'/>"
      : `<kernel>${options.kernel}</kernel><cmdline>quiet</cmdline>`;
  const drives = disks.map(({ file }) => `<drive disk="${file}"/>`).join("");
  const elements = disks.map((disk) => {
    const size = disk.sizeMib === undefined ? "" : ` size="${disk.sizeMib}"`;
    const sums = [
      disk.sha256 === undefined ? "" : `<checksum type="sha256">${disk.sha256}</checksum>`,
      disk.sha1 === undefined ? "" : `<checksum type="sha1">${disk.sha1}</checksum>`,
    ].join("");
    return `<disk file="${disk.file}" use="${disk.use ?? "system"}" format="${disk.format ?? "raw"}"${size}>${sums}</disk>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<image>
  <name version="${options.version ?? "1.0"}" release="1">${options.name ?? "web"}</name>
  <domain>
    <boot type="hvm"><guest><arch>x86_64</arch></guest><os>${os}</os>${drives}</boot>
    <devices><vcpu>1</vcpu><memory>262144</memory><interface/><graphics/></devices>
  </domain>
  <storage>
    ${elements.join("\n    ")}
  </storage>
</image>
`;
}

/** Writes a sparse file: `size` bytes, data only in the given pieces. */
export async function writeSparse(
  file: string,
  sizeBytes: number,
  pieces: readonly (readonly [number, Buffer])[],
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(file, "w");
  try {
    for (const [position, bytes] of pieces) await handle.write(bytes, 0, bytes.length, position);
    await handle.truncate(sizeBytes);
  } finally {
    await handle.close();
  }
}

/** Returns bytes that look random and are the same each time. */
export function noise(length: number, seed = "seed"): Buffer {
  const blocks: Buffer[] = [];
  for (let index = 0; index * 64 < length; index++) {
    blocks.push(createHash("sha512").update(`${seed} ${index}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** Writes an appliance folder: descriptor and files. */
export async function writeAppliance(
  folder: string,
  descriptor: string,
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "appliance.xml"), descriptor);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

/** Runs GNU tar. */
export async function tar(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute("tar", [...args], { env: { ...process.env, LC_ALL: "C" } });
  return stdout;
}

/** Runs a program and returns what it writes. */
export async function runTool(file: string, ...args: readonly string[]): Promise<Buffer> {
  const { stdout } = await execute(file, [...args], {
    encoding: "buffer",
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}

/** Returns the SHA-256 of bytes in hex. */
export function sha256Of(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
