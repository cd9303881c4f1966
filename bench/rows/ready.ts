import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { benchKeys } from "../inputs/bench-keys.ts";
import { virtAppliance } from "../inputs/program.ts";
import { readyImage } from "../inputs/ready-image.ts";
import type { Row } from "../model.ts";

const PEER = "openssl dgst -sha256, cp";
/** One hash and one copy: the least that anything can do that digests what it packages. */
const floor = 'openssl dgst -sha256 "$1" && cp "$1" "$2"';

/** From an image that is shipped as it is to a signed package. Neither side waits for the disk. */
export const readyRow: Row = {
  name: "ready",
  chapter: "build",
  title: "signed RPM from a ready 1 GiB qcow2, without fsync",
  rounds: 7,
  aims: [{ peer: PEER, times: 1 / 1.3 }],
  programs: ["debootstrap", "mke2fs", "qemu-img", "eatmydata", "openssl"],
  spaceMib: 8 * 1024,
  open: async (shop) => {
    const { folder, image } = await readyImage(shop);
    const { folder: keys } = await benchKeys(shop);
    const out = path.join(shop.folder, "out-ready");
    const prepare = (): Promise<void> => mkdir(out);
    const finish = (): Promise<void> => rm(out, { recursive: true });
    const args = [folder, "-o", out, "--sign", "bench", "--keys", keys];
    const copy = path.join(out, "copy");
    return {
      ours: {
        name: "virt-appliance build",
        prepare,
        finish,
        command: () => ({ argv: ["eatmydata", ...virtAppliance("build", ...args)] }),
      },
      peers: [
        {
          name: PEER,
          prepare,
          finish,
          command: () => ({ argv: ["eatmydata", "sh", "-c", floor, "sh", image, copy] }),
        },
      ],
    };
  },
};
