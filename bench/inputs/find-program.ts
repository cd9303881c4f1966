import { access, constants } from "node:fs/promises";
import path from "node:path";

const FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Returns the path of a program; undefined if it is not installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? FOLDERS).split(":")) {
    const file = path.join(folder, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

/** Debian's package of each program that the bench runs. */
const packages: Readonly<Record<string, string>> = {
  createrepo_c: "createrepo-c",
  debootstrap: "debootstrap",
  eatmydata: "eatmydata",
  gpg: "gnupg",
  mke2fs: "e2fsprogs",
  npm: "npm",
  openssl: "openssl",
  python3: "python3",
  "qemu-img": "qemu-utils",
  "qemu-system-x86_64": "qemu-system-x86",
  rpm: "rpm",
  rpmbuild: "rpm",
  rpmkeys: "rpm",
  rpmsign: "rpm",
  virsh: "libvirt-clients",
  "virt-install": "virtinst",
  zstd: "zstd",
};

/** Returns a sentence for each program that is missing, with the package that brings it. */
export async function missingPrograms(names: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of new Set(names)) {
    if ((await findProgram(name)) !== undefined) continue;
    missing.push(`${name}: not installed; install the package ${packages[name] ?? name}`);
  }
  return missing;
}
