import { cp, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { benchKeys } from "../inputs/bench-keys.ts";
import { largePackage } from "../inputs/large-package.ts";
import { newRepository } from "../inputs/new-repository.ts";
import { virtAppliance } from "../inputs/program.ts";
import type { Contender, Row } from "../model.ts";

const DISK_MIB = 4400;
const PEER = "cp, createrepo_c";
const DURABLE_PEER = "cp, createrepo_c, sync";
const MOVING_PEER = "mv, createrepo_c";

/** createrepo_c expects the package in its folder, so the copy is part of its work. */
const moveAndIndex = 'mv "$1" "$2" && createrepo_c --quiet "$2"';
const copyAndIndex = 'cp "$1" "$2" && createrepo_c --quiet "$2"';

const shared = {
  chapter: "package",
  rounds: 5,
  aims: [{ peer: PEER, times: 1 }],
  programs: ["debootstrap", "mke2fs", "createrepo_c"],
  spaceMib: 12 * 1024,
} as const;

/** Adding a large package to an empty repository. */
export const addLargeRow: Row = {
  ...shared,
  name: "add-large",
  title: "repo add of a 4.3 GiB RPM",
  open: async (shop) => {
    const file = await largePackage(shop, DISK_MIB);
    const { folder: keys } = await benchKeys(shop);
    const empty = await newRepository(shop, "empty");
    const target = path.join(shop.folder, "add-large");
    const finish = (): Promise<void> => rm(target, { recursive: true });
    const peer = (name: string, script: string): Contender => ({
      name,
      rounds: 3,
      prepare: () => mkdir(target),
      command: () => ({ argv: ["sh", "-c", script, "sh", file, target] }),
      finish,
    });
    return {
      ours: {
        name: "virt-appliance repo add",
        prepare: () => cp(empty, target, { recursive: true, verbatimSymlinks: true }),
        command: () => ({ argv: virtAppliance("repo", "add", target, file, "--keys", keys) }),
        finish,
      },
      peers: [
        peer(PEER, copyAndIndex),
        peer(DURABLE_PEER, `${copyAndIndex} && sync --file-system "$2"`),
      ],
    };
  },
};

/** The same, without a copy where the file is not kept. */
export const moveLargeRow: Row = {
  ...shared,
  name: "move-large",
  title: "repo add --move of a 4.3 GiB RPM",
  open: async (shop) => {
    const file = await largePackage(shop, DISK_MIB);
    const { folder: keys } = await benchKeys(shop);
    const empty = await newRepository(shop, "empty-move");
    const target = path.join(shop.folder, "move-large");
    const name = path.basename(file);
    const remove = (): Promise<void> => rm(target, { recursive: true });
    const argv = virtAppliance("repo", "add", target, file, "--move", "--keys", keys);
    const peer = (what: string, script: string): Contender => ({
      name: what,
      prepare: () => mkdir(target),
      command: () => ({ argv: ["sh", "-c", script, "sh", file, target] }),
      finish: remove,
    });
    return {
      ours: {
        name: "virt-appliance repo add --move",
        prepare: () => cp(empty, target, { recursive: true, verbatimSymlinks: true }),
        command: () => ({ argv }),
        finish: async () => {
          await rename(path.join(target, "packages", name), file);
          await remove();
        },
      },
      peers: [
        { ...peer(PEER, copyAndIndex), rounds: 3 },
        {
          ...peer(MOVING_PEER, moveAndIndex),
          finish: async () => {
            await rename(path.join(target, name), file);
            await remove();
          },
        },
      ],
    };
  },
};
