import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, type Shop } from "./shop.ts";

const SUITE = "bookworm";
const MIRROR = "http://deb.debian.org/debian";
/** With these, a minimal Debian takes about 450 MiB, as a small appliance does. */
const PACKAGES = ["linux-image-cloud-amd64", "systemd-sysv", "openssh-server", "python3", "nginx"];

/** Makes the archive of a Debian root file system, once for all runs. */
async function archiveDebian({ context, report }: Shop): Promise<string> {
  const digest = createHash("sha256").update([SUITE, ...PACKAGES].join(" "));
  const cache = cacheFolder();
  const archive = path.join(cache, `debian-${digest.digest("hex").slice(0, 12)}.tar.zst`);
  if (await stat(archive).catch(() => undefined)) return archive;
  report("debootstrap of a Debian root file system, once: it is kept in the user's cache");
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(path.join(cache, "making-"));
  try {
    const root = path.join(work, "root");
    const what = ["--variant=minbase", `--include=${PACKAGES.join(",")}`, SUITE, root, MIRROR];
    await context.run("debootstrap", what, { endsChildren: true });
    await context.run("rm", ["-rf", "--", path.join(root, "var/cache/apt/archives")]);
    const packed = path.join(work, "root.tar.zst");
    await context.run("tar", ["-C", root, "--zstd", "--numeric-owner", "-cf", packed, "."]);
    await rename(packed, archive);
    return archive;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function unpackDebian(shop: Shop): Promise<string> {
  return shop.once("debian", async () => {
    const archive = await archiveDebian(shop);
    const root = await shop.newFolder("debian");
    await shop.context.run("tar", ["-C", root, "--zstd", "--numeric-owner", "-xf", archive]);
    return root;
  });
}

/**
 * Makes a sparse raw disk with a file system that holds a Debian root. A disk of less than the usual size gets a part
 * of it.
 *
 * @param mib  size of the disk at scale 1
 */
export function debianDisk(shop: Shop, mib: number): Promise<string> {
  return shop.once(`disk-${mib}`, async () => {
    const root = await unpackDebian(shop);
    const file = path.join(shop.folder, `disk-${mib}.raw`);
    const from = shop.scale < 1 ? path.join(root, "usr/bin") : root;
    const size = `${Math.max(96, Math.round(mib * shop.scale))}M`;
    shop.report(`disk of ${size}`);
    // Without a journal, a Debian of 450 MiB fits into a disk of 500 MiB.
    const how = ["-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-E", "lazy_itable_init=1"];
    await shop.context.run("mke2fs", [...how, "-d", from, file, size]);
    return file;
  });
}
