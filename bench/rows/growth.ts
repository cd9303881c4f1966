import type { Row } from "../model.ts";
import { buildContender } from "./build.ts";

const [SMALL_MIB, LARGE_MIB] = [500, 50 * 1024];

/** What empty space in a disk costs. */
export const growthRow: Row = {
  name: "growth",
  chapter: "build",
  title: "tarball to signed RPM, 50 GiB raw disk with the same data",
  rounds: 5,
  aims: [],
  programs: ["debootstrap", "mke2fs", "qemu-img", "zstd"],
  spaceMib: 4 * 1024,
  open: async (shop) => ({
    ours: await buildContender(shop, { name: "virt-appliance build", mib: LARGE_MIB }),
    peers: [
      await buildContender(shop, { name: "itself, 500 MiB disk", mib: SMALL_MIB }),
      await buildContender(shop, { name: "itself, 5 GiB disk", mib: 5 * 1024 }),
    ],
  }),
};
