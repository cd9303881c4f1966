import { rm } from "node:fs/promises";
import path from "node:path";
import { benchKeys } from "../inputs/bench-keys.ts";
import { newRepository } from "../inputs/new-repository.ts";
import { virtAppliance } from "../inputs/program.ts";
import { manyPackages, smallPackage } from "../inputs/small-packages.ts";
import type { Row } from "../model.ts";

const shared = {
  chapter: "repository",
  programs: ["createrepo_c"],
  spaceMib: 1024,
} as const;

/** Adding many small packages to an empty repository. */
export const addManyRow: Row = {
  ...shared,
  name: "add-many",
  title: "repo add of 10,000 RPMs, all verified",
  rounds: 5,
  aims: [],
  seconds: 2.4,
  open: async (shop) => {
    const { folder, files } = await manyPackages(shop);
    const { folder: keys } = await benchKeys(shop);
    const target = path.join(shop.folder, "add-many");
    return {
      ours: {
        name: "virt-appliance repo add",
        prepare: async () => void (await newRepository(shop, "add-many")),
        command: () => ({ argv: virtAppliance("repo", "add", target, ...files, "--keys", keys) }),
        finish: () => rm(target, { recursive: true }),
      },
      peers: [
        {
          name: "createrepo_c",
          command: () => ({ argv: ["createrepo_c", "--quiet", folder] }),
          finish: () => rm(path.join(folder, "repodata"), { recursive: true }),
        },
      ],
    };
  },
};

/** Adding one small package to a large repository. */
export const addOneRow: Row = {
  ...shared,
  name: "add-one",
  title: "repo add of one RPM to 10,000",
  rounds: 5,
  aims: [],
  seconds: 0.3,
  open: async (shop) => {
    const { folder, files } = await manyPackages(shop);
    const { folder: keys } = await benchKeys(shop);
    const single = await shop.newFolder("single");
    const repository = await newRepository(shop, "add-one");
    const { run } = shop.context;
    const add = (...packages: readonly string[]): readonly string[] =>
      virtAppliance("repo", "add", repository, ...packages, "--keys", keys);
    const [program = "", ...args] = add(...files);
    await run(program, args, { maxBuffer: 64 * 1024 * 1024 });
    await run("createrepo_c", ["--quiet", folder]);
    const name = (round: number): string => `single-${round}`;
    const file = (round: number): string => path.join(single, `${name(round)}-1.0-1.noarch.rpm`);
    const script = 'cp "$1" "$2" && createrepo_c --quiet --update "$2"';
    return {
      ours: {
        name: "virt-appliance repo add",
        prepare: async (round) => void (await smallPackage(shop, single, name(round))),
        command: (round) => ({ argv: add(file(round)) }),
      },
      peers: [
        {
          name: "cp, createrepo_c --update",
          prepare: async (round) => void (await smallPackage(shop, single, name(round))),
          command: (round) => ({ argv: ["sh", "-c", script, "sh", file(round), folder] }),
        },
      ],
    };
  },
};
