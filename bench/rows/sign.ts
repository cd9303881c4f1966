import { benchKeys, gpgSigning, rpmDatabase, RPMSIGN } from "../inputs/bench-keys.ts";
import { largePackage } from "../inputs/large-package.ts";
import { virtAppliance } from "../inputs/program.ts";
import type { Row } from "../model.ts";

const DISK_MIB = 5 * 1024;
const shared = {
  chapter: "package",
  programs: ["debootstrap", "mke2fs", "gpg", "rpm", "rpmkeys", "rpmsign"],
  spaceMib: 8 * 1024,
} as const;

/** Signing a large package in place. */
export const signRow: Row = {
  ...shared,
  name: "sign",
  title: "sign a 5 GiB RPM",
  rounds: 5,
  aims: [{ peer: "rpmsign", times: 50 }],
  open: async (shop) => {
    const file = await largePackage(shop, DISK_MIB);
    const { folder: keys } = await benchKeys(shop);
    const { env } = await gpgSigning(shop);
    const argv = ["sh", "-c", `${RPMSIGN} --resign "$1"`, "sh", file];
    return {
      ours: {
        name: "virt-appliance sign",
        command: () => ({ argv: virtAppliance("sign", file, "--key", "bench", "--keys", keys) }),
      },
      peers: [{ name: "rpmsign", rounds: 3, command: () => ({ argv, env }) }],
    };
  },
};

/** Verifying a large package. */
export const verifyRow: Row = {
  ...shared,
  name: "verify",
  title: "verify a 5 GiB RPM",
  rounds: 5,
  aims: [],
  open: async (shop) => {
    const file = await largePackage(shop, DISK_MIB);
    const { publicPath } = await benchKeys(shop);
    const database = await rpmDatabase(shop);
    return {
      ours: {
        name: "virt-appliance verify",
        command: () => ({ argv: virtAppliance("verify", file, "--key", publicPath) }),
      },
      peers: [
        {
          name: "rpm -K",
          rounds: 3,
          command: () => ({ argv: ["rpm", "--dbpath", database, "-K", file] }),
        },
      ],
    };
  },
};
