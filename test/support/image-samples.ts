import { execFile } from "node:child_process";
import { open, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const MIB = 1024 * 1024;

/** A file that somebody who guesses takes for a disk image, or for plain bytes. */
export interface ImageSample {
  readonly what: string;
  /** What it is by its content; undefined: plain bytes. */
  readonly content: string | undefined;
  readonly make: (file: string) => Promise<unknown>;
  /** Whether it leads to no other file although it is an image. */
  readonly isWhole?: true;
}

function created(format: string, ...options: readonly string[]): ImageSample["make"] {
  return (file) => run("qemu-img", ["create", "-q", "-f", format, ...options, file, "1M"]);
}

async function mark(file: string, at: number, bytes: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.write(Buffer.from(bytes, "latin1"), 0, bytes.length, at);
  await handle.close();
}

/** A MiB of zeros with bytes at a place; a negative place is counted from the end. */
function marked(bytes: string, at = 0): ImageSample["make"] {
  return async (file) => {
    await writeFile(file, Buffer.alloc(MIB));
    await mark(file, at < 0 ? MIB + at : at, bytes);
  };
}

const CLOOP =
  "#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n";
const VMDK_LINES = 'version=1\nCID=1\ncreateType="monolithicFlat"\nRW 8 FLAT "/etc/passwd" 0\n';

/** Everything that QEMU, libvirt or a tool beside them knows by its content, and what only looks like it. */
export const imageSamples: readonly ImageSample[] = [
  { what: "zeros", content: undefined, make: marked("") },
  { what: "a qcow2", content: "qcow2", isWhole: true, make: created("qcow2") },
  {
    what: "a qcow2 of version 2",
    content: "qcow2",
    isWhole: true,
    make: created("qcow2", "-o", "compat=0.10"),
  },
  {
    what: "a qcow2 compressed with zstd",
    content: "qcow2",
    isWhole: true,
    make: created("qcow2", "-o", "compression_type=zstd,extended_l2=on"),
  },
  {
    what: "a qcow2 on a file of the host",
    content: "qcow2",
    make: created("qcow2", "-b", "/etc/passwd", "-F", "raw", "-u"),
  },
  {
    what: "a qcow2 of version 2 on a file of the host",
    content: "qcow2",
    make: created("qcow2", "-o", "compat=0.10", "-b", "/etc/passwd", "-F", "raw", "-u"),
  },
  {
    what: "a qcow2 whose data is a file of the host",
    content: "qcow2",
    make: async (file) => {
      await created("qcow2")(file);
      await mark(file, 79, "\x04");
    },
  },
  { what: "a qcow", content: "qcow", make: created("qcow") },
  { what: "a QED", content: "qed", make: created("qed") },
  { what: "a VDI", content: "vdi", make: created("vdi") },
  { what: "a VHDX", content: "vhdx", make: created("vhdx") },
  { what: "a growing VHD", content: "vhd", make: created("vpc") },
  {
    what: "a fixed VHD",
    content: "vhd",
    make: created("vpc", "-o", "subformat=fixed,force_size=on"),
  },
  { what: "a Parallels disk", content: "parallels", make: created("parallels") },
  { what: "a ploop image", content: "parallels", make: marked("WithouFreSpacExt\x02\0\0\0") },
  { what: "LUKS", content: "luks", make: marked("LUKS\xba\xbe\0\x01") },
  { what: "a VMDK", content: "vmdk", make: created("vmdk") },
  { what: "a VMDK of ESX", content: "vmdk", make: marked("COWD\x01\0\0\0") },
  {
    what: "the text of a VMDK",
    content: "vmdk",
    make: marked(`# Disk DescriptorFile\n${VMDK_LINES}`),
  },
  {
    what: "the text of a VMDK behind other comments",
    content: "vmdk",
    make: marked(`# x\n  \r\n \n#\n${VMDK_LINES}`),
  },
  { what: "the text of a VMDK alone", content: "vmdk", make: marked("version=3\r\n") },
  { what: "text of another version", content: undefined, make: marked("# x\nversion=4\n") },
  { what: "a script", content: undefined, make: marked("#!/bin/sh\necho version=1\n") },
  { what: "a Bochs disk", content: "bochs", make: marked("Bochs Virtual HD Image\0\0\0") },
  { what: "a cloop", content: "cloop", make: marked(CLOOP) },
  { what: "a dmg", content: "dmg", make: marked("koly\0\0\0\x04", -512) },
  { what: "a COW of user-mode Linux", content: "cow", make: marked("OOOM\0\0\0\x02/etc/passwd") },
  { what: "an ISO image", content: "iso", isWhole: true, make: marked("\x01CD001\x01", 0x8000) },
  {
    what: "an ISO image that is a qcow2 as well",
    content: "qcow2",
    make: async (file) => {
      await created("qcow2", "-b", "/etc/passwd", "-F", "raw", "-u")(file);
      await mark(file, 0x8000, "\x01CD001\x01");
    },
  },
  {
    what: "zeros with a mark elsewhere",
    content: undefined,
    make: marked("QFI\xfb\0\0\0\x03", 512),
  },
];
