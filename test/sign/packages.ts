import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { rpmbuild } from "../support/rpmbuild.ts";
import { lastingFolder } from "../support/temporary.ts";

const BODY = `%description
A test.
%install
mkdir -p %{buildroot}/opt/small
seq 1 3000 > %{buildroot}/opt/small/numbers
%files
/opt/small
`;

let built: Promise<{ readonly folder: string; readonly path: string }> | undefined;

async function build(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await lastingFolder();
  const [binary] = await rpmbuild(folder, "small", { body: BODY });
  if (binary === undefined) throw new Error("rpmbuild made no package");
  return { folder, path: binary };
}

/** Returns the path of a fresh copy of a small unsigned package that rpmbuild made, with a gzip payload. */
export async function smallPackage(name = "small.rpm"): Promise<string> {
  const { folder, path: source } = await (built ??= build());
  const copy = path.join(folder, name);
  await copyFile(source, copy);
  return copy;
}

/** Changes a file through its bytes. */
export async function edit(file: string, change: (bytes: Buffer) => Buffer | void): Promise<void> {
  const bytes = await readFile(file);
  await writeFile(file, change(bytes) ?? bytes);
}

/** Offsets and sizes in the file of the data of one tag of the signature header. */
export function signatureTag(
  bytes: Buffer,
  tag: number,
): { readonly entryAt: number; readonly dataAt: number; readonly count: number } | undefined {
  const start = 96;
  const entries = bytes.readUInt32BE(start + 8);
  for (let i = 0; i < entries; i++) {
    const entryAt = start + 16 + i * 16;
    if (bytes.readUInt32BE(entryAt) !== tag) continue;
    const offset = bytes.readUInt32BE(entryAt + 8);
    const dataAt = start + 16 + entries * 16 + offset;
    return { entryAt, dataAt, count: bytes.readUInt32BE(entryAt + 12) };
  }
  return undefined;
}

/** Takes the reserved space out of a package, as tools that know of none would have written it. */
export function withoutReservedSpace(bytes: Buffer): Buffer {
  const found = signatureTag(bytes, 1008);
  if (found === undefined) throw new Error("no reserved space to take out");
  const start = 96;
  const entries = bytes.readUInt32BE(start + 8);
  const dataBytes = bytes.readUInt32BE(start + 12);
  const end = start + 16 + entries * 16 + dataBytes;
  const intro = Buffer.from(bytes.subarray(0, start + 16));
  intro.writeUInt32BE(entries - 1, start + 8);
  intro.writeUInt32BE(dataBytes - found.count, start + 12);
  const index = Buffer.from(bytes.subarray(start + 16, found.entryAt));
  index.writeUInt32BE(dataBytes - found.count - 16, 8);
  const data = bytes.subarray(start + 16 + entries * 16, found.dataAt);
  const trailer = Buffer.from(bytes.subarray(end - 16, end));
  trailer.writeInt32BE(-(entries - 1) * 16, 8);
  const header = Buffer.concat([intro, index, data, trailer]);
  const padding = Buffer.alloc((8 - ((header.length - start) % 8)) % 8);
  return Buffer.concat([header, padding, bytes.subarray(start + Math.ceil((end - start) / 8) * 8)]);
}
