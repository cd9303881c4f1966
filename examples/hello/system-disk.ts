import { open, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";

const SECTOR_BYTES = 512;
const MIB = 1024 * 1024;
const PARTITION_START_BYTES = MIB;
const PARTITION_BYTES = 48 * MIB;
/** The rest of the disk is a hole, like most of a real system disk. */
const DISK_BYTES = 512 * MIB;
/** FAT16, addressed by sector number. */
const PARTITION_TYPE = 0x0e;
/** Boot code of the first sector, from Debian's syslinux-common. */
const MBR_CODE = "/usr/lib/syslinux/mbr/mbr.bin";
const MBR_CODE_BYTES = 440;

/** Content of the disk. */
export interface SystemDiskOptions {
  readonly kernelImage: string;
  readonly initramfs: string;
  readonly dateSeconds: number;
}

/**
 * Makes a raw, sparse disk that a BIOS boots: a partition table, one FAT partition, syslinux, kernel and initramfs.
 * Needs neither root nor a loop device. The same input gives the same bytes.
 */
export async function makeSystemDisk(
  target: string,
  options: SystemDiskOptions,
  context: Context,
): Promise<void> {
  await using staging = await openTemporaryFolder(path.dirname(target));
  const configuration = path.join(staging.path, "syslinux.cfg");
  await writeFile(configuration, renderConfiguration());
  await writeFile(target, "");
  await truncate(target, DISK_BYTES);
  await writePartitionTable(target);
  const env = {
    SOURCE_DATE_EPOCH: String(options.dateSeconds),
    MTOOLS_SKIP_CHECK: "1",
    MTOOLSRC: "/dev/null",
    TZ: "UTC",
  };
  const sectors = String(PARTITION_START_BYTES / SECTOR_BYTES);
  const blocks = String(PARTITION_BYTES / 1024);
  const format = ["-F", "16", "--invariant", "-i", "48454c4f", "-n", "HELLO", "--offset", sectors];
  await context.run("mkfs.fat", [...format, target, blocks], { env });
  const image = `${target}@@${PARTITION_START_BYTES}`;
  const copies: readonly (readonly [string, string])[] = [
    [configuration, "::syslinux.cfg"],
    [options.kernelImage, "::vmlinuz"],
    [options.initramfs, "::initrd.gz"],
  ];
  for (const [from, to] of copies) await context.run("mcopy", ["-i", image, from, to], { env });
  const offset = String(PARTITION_START_BYTES);
  await context.run("syslinux", ["--install", "--offset", offset, target], { env });
}

function renderConfiguration(): string {
  return [
    "SERIAL 0 115200",
    "PROMPT 0",
    "DEFAULT hello",
    "LABEL hello",
    "  KERNEL vmlinuz",
    "  INITRD initrd.gz",
    "  APPEND console=ttyS0,115200 quiet loglevel=3 panic=5 random.trust_cpu=on tsc=reliable no_timer_check",
    "",
  ].join("\n");
}

/** One active partition: first sector and length in sectors at bytes 8 and 12 of its entry, little-endian. */
async function writePartitionTable(target: string): Promise<void> {
  const sector = Buffer.alloc(SECTOR_BYTES);
  const code = await readFile(MBR_CODE);
  code.copy(sector, 0, 0, Math.min(code.length, MBR_CODE_BYTES));
  const entry = 446;
  sector[entry] = 0x80;
  sector[entry + 4] = PARTITION_TYPE;
  sector.writeUInt32LE(PARTITION_START_BYTES / SECTOR_BYTES, entry + 8);
  sector.writeUInt32LE(PARTITION_BYTES / SECTOR_BYTES, entry + 12);
  sector.writeUInt16LE(0xaa55, 510);
  const handle = await open(target, "r+");
  try {
    await handle.write(sector, 0, SECTOR_BYTES, 0);
  } finally {
    await handle.close();
  }
}
