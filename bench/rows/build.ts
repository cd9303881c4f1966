import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { applianceTarball } from "../inputs/appliance-tarball.ts";
import { benchKeys } from "../inputs/bench-keys.ts";
import { virtAppliance } from "../inputs/program.ts";
import type { Shop } from "../inputs/shop.ts";
import type { Contender, Row } from "../model.ts";
import { nfpmContender, rpmBuilderContender, rpmbuildContender } from "./build-peers.ts";

/** Builds a signed package of a tarball, into a folder that is removed afterwards. */
export async function buildContender(
  shop: Shop,
  options: { readonly name: string; readonly mib: number; readonly args?: readonly string[] },
): Promise<Contender> {
  const tarball = await applianceTarball(shop, options.mib);
  const { folder: keys } = await benchKeys(shop);
  const out = path.join(shop.folder, `out-${options.mib}`);
  const args = [tarball, "-o", out, "--sign", "bench", "--keys", keys, ...(options.args ?? [])];
  return {
    name: options.name,
    prepare: () => mkdir(out),
    command: () => ({ argv: virtAppliance("build", ...args) }),
    finish: () => rm(out, { recursive: true }),
  };
}

const TUNED = "rpmbuild, tuned";
const DEFAULT = "rpmbuild, Debian's macros";
const DISK_MIB = 5 * 1024;

/** From a tarball to a signed package. */
export const buildRow: Row = {
  name: "build",
  chapter: "build",
  title: "tarball to signed RPM, 5 GiB raw disk",
  rounds: 5,
  aims: [
    { peer: DEFAULT, times: 10 },
    { peer: TUNED, times: 2 },
  ],
  programs: ["debootstrap", "mke2fs", "qemu-img", "zstd", "rpmbuild", "rpmsign", "gpg", "npm"],
  spaceMib: 24 * 1024,
  open: async (shop) => {
    const tarball = await applianceTarball(shop, DISK_MIB);
    const ours = await buildContender(shop, { name: "virt-appliance build", mib: DISK_MIB });
    const engine = await buildContender(shop, {
      name: "virt-appliance build --engine rpmbuild",
      mib: DISK_MIB,
      args: ["--engine", "rpmbuild"],
    });
    const tuned = await rpmbuildContender(shop, { name: TUNED, tarball, isTuned: true });
    const plain = await rpmbuildContender(shop, { name: DEFAULT, tarball, isTuned: false });
    const builder = await rpmBuilderContender(shop, tarball);
    const nfpm = await nfpmContender(shop, tarball);
    return { ours, peers: [engine, tuned, plain, builder, ...nfpm] };
  },
};
