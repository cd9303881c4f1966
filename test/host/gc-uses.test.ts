import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { collectGarbage } from "../../src/host/gc/gc.ts";
import type { MemoryLibvirtState } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { addAppliance, type HostFixture } from "../fixtures/memory-host.ts";
import {
  basesOf,
  DAMAGED_QCOW2,
  DATA,
  domainXml,
  images,
  openLater,
  openWithUnusedBases,
  overlay,
  put,
  reasonsFor,
  stateOf,
  SYSTEM,
  WEEK,
} from "../fixtures/host-bases.ts";

/** What keeps a base, and how it is taken away again. */
interface Use {
  /** Libvirt as it is; gets the root of the host. */
  readonly libvirt?: (root: string) => MemoryLibvirtState;
  readonly begin: (host: HostFixture, base: string) => Promise<void>;
  readonly reason: RegExp;
}

const none = (): Promise<void> => Promise.resolve();
const dirPool = (root: string): NonNullable<MemoryLibvirtState["pools"]> => [
  { name: "far", isActive: false, type: "dir", targetPath: `${root}/far`, volumes: [] },
];

const uses: Readonly<Record<string, Use>> = {
  "an installed package": {
    begin: (host) => addAppliance(host),
    reason: /^package web-appliance-1.0-1$/,
  },
  "a half-installed package": {
    begin: (host) => put(path.join(host.paths.catalogueDir, "web-appliance-1.0-1/payload"), ""),
    reason: /^package web-appliance-1.0-1$/,
  },
  "a domain whose XML names it": {
    libvirt: (root) => ({
      domains: [{ xml: domainXml("plain", [`${root}/gone/../base-of/${SYSTEM}`]) }],
    }),
    begin: async (host, base) => {
      await mkdir(path.join(host.paths.root, "gone"));
      await mkdir(path.join(host.paths.root, "base-of"));
      await symlink(base, path.join(host.paths.root, "base-of", SYSTEM));
    },
    reason: /^domain plain$/,
  },
  "a domain that names it as a volume of a pool": {
    libvirt: () => ({
      domains: [
        {
          xml: domainXml(
            "plain",
            [],
            `<disk type="volume" device="disk"><source pool="appliances" volume="${SYSTEM}"/><target dev="vda"/></disk>`,
          ),
        },
      ],
    }),
    begin: none,
    reason: /^domain plain$/,
  },
  "a domain whose disk rests on it, in no pool": {
    libvirt: (root) => ({ domains: [{ xml: domainXml("plain", [`${root}/srv/plain.qcow2`]) }] }),
    begin: (host, base) => overlay(path.join(host.paths.root, "srv/plain.qcow2"), base),
    reason: /^domain plain$/,
  },
  "a snapshot of a domain": {
    libvirt: (root) => ({
      domains: [
        {
          xml: domainXml("plain", []),
          snapshots: [
            `<domainsnapshot><name>s</name><domain><devices><disk device="disk"><source file="${root}/srv/old.qcow2"/></disk></devices></domain></domainsnapshot>`,
          ],
        },
      ],
    }),
    begin: (host, base) => overlay(path.join(host.paths.root, "srv/old.qcow2"), base),
    reason: /^domain plain$/,
  },
  "an image among the disks of VMs": {
    begin: (host, base) => overlay(images(host, "lonely.qcow2"), base),
    reason: /^image .*lonely.qcow2$/,
  },
  "an image in a folder below": {
    begin: (host, base) => overlay(images(host, "kept/lonely.qcow2"), base),
    reason: /^image .*kept\/lonely.qcow2$/,
  },
  "an image in an inactive pool of a folder": {
    libvirt: (root) => ({ pools: dirPool(root) }),
    begin: (host, base) => overlay(path.join(host.paths.root, "far/lonely.qcow2"), base),
    reason: /^image .*far\/lonely.qcow2$/,
  },
  "an image on an image on an image, across folders": {
    begin: async (host, base) => {
      await overlay(path.join(host.paths.root, "elsewhere/one.qcow2"), base);
      await overlay(images(host, "two.qcow2"), "../../../../elsewhere/one.qcow2");
      await overlay(images(host, "three.qcow2"), "two.qcow2");
    },
    reason: /^image .*(?:two|three).qcow2$/,
  },
  "an image that names it as JSON": {
    begin: (host, base) =>
      overlay(
        images(host, "lonely.qcow2"),
        `json:{"driver":"qcow2","file":{"driver":"file","filename":"${base}"}}`,
      ),
    reason: /lonely.qcow2$/,
  },
  "an image that names it as a file:": {
    begin: (host, base) => overlay(images(host, "lonely.qcow2"), `file:${base}`),
    reason: /lonely.qcow2$/,
  },
  "an image that names it through a link": {
    begin: async (host, base) => {
      await symlink(path.dirname(base), path.join(host.paths.root, "bases"));
      await overlay(
        images(host, "lonely.qcow2"),
        path.join(host.paths.root, "bases", path.basename(base)),
      );
    },
    reason: /lonely.qcow2$/,
  },
  "a link beside the disks of VMs": {
    begin: (host, base) => symlink(base, images(host, "mine.qcow2")),
    reason: /mine.qcow2$/,
  },
  "a qcow image of the first version": {
    begin: (host, base) =>
      overlay(images(host, "lonely.qcow"), base, { format: "qcow", backingFormat: "raw" }),
    reason: /lonely.qcow$/,
  },
  "a QED image": {
    begin: (host, base) => overlay(images(host, "lonely.qed"), base, { format: "qed" }),
    reason: /lonely.qed$/,
  },
  "another volume of the pool of bases": {
    begin: (host, base) => overlay(path.join(host.paths.baseDir, "mine.qcow2"), base),
    reason: /mine.qcow2$/,
  },
  "a definition of a user's own daemon": {
    begin: async (host, base) => {
      const { root } = host.paths;
      await put(path.join(root, "etc/passwd"), "u:x:1000:1000::/home/u:/bin/sh\n");
      await overlay(path.join(root, "home/u/own.qcow2"), base);
      await put(
        path.join(root, "home/u/.config/libvirt/qemu/own.xml"),
        domainXml("own", [path.join(root, "home/u/own.qcow2")]),
      );
    },
    reason: /own.xml$/,
  },
};

/** What cannot be looked at. */
const obstacles: Readonly<Record<string, Use>> = {
  "libvirt does not answer": {
    libvirt: () => ({ isUnreachable: true }),
    begin: none,
    reason: /cannot list its domains: memory: libvirt does not respond/,
  },
  "an image is damaged": {
    begin: (host) => put(images(host, "bad.qcow2"), DAMAGED_QCOW2),
    reason: /bad.qcow2: the qcow2 header cannot be read/,
  },
  "a layer in between is missing": {
    begin: (host) => overlay(images(host, "top.qcow2"), "/nowhere/middle.qcow2"),
    reason: /top.qcow2: is backed by \/nowhere\/middle.qcow2, which is missing/,
  },
  "an image rests on something unknown": {
    begin: (host) => overlay(images(host, "top.qcow2"), "blkdebug::x.qcow2"),
    reason: /top.qcow2: is backed by "blkdebug::x.qcow2", which is not a file/,
  },
  "the disk of a domain is missing": {
    libvirt: () => ({ domains: [{ xml: domainXml("plain", ["/nowhere/disk.qcow2"]) }] }),
    begin: none,
    reason: /domain plain: its disk \/nowhere\/disk.qcow2 is missing/,
  },
  "the folder of a pool is missing": {
    libvirt: (root) => ({ pools: dirPool(root) }),
    begin: none,
    reason: /pool far: .*far cannot be read/,
  },
  "a pool that must be mounted is not active": {
    libvirt: () => ({
      pools: [{ name: "nfs", isActive: false, type: "netfs", targetPath: "/mnt", volumes: [] }],
    }),
    begin: none,
    reason: /pool nfs: not active/,
  },
  "a link leads to nothing": {
    begin: (host) => symlink("/nowhere", images(host, "link.qcow2")),
    reason: /link.qcow2: broken symbolic link/,
  },
};

describe("gc and who uses a base", () => {
  let host: HostFixture;
  const open = async (libvirt: Use["libvirt"] = () => ({})): Promise<void> => {
    host = await openWithUnusedBases(libvirt);
  };
  afterEach(() => host[Symbol.asyncDispose]());

  for (const [what, use] of Object.entries(uses)) {
    it(`keeps what is used by ${what}`, async () => {
      await open(use.libvirt);
      await use.begin(host, path.join(host.paths.baseDir, SYSTEM));
      const plan = await collectGarbage(await openLater(host), WEEK);
      assert.deepEqual(plan.obstacles, []);
      assert.equal(stateOf(plan, SYSTEM), "used");
      const reasons = reasonsFor(plan, SYSTEM);
      assert.ok(
        reasons.some((each) => use.reason.test(each)),
        reasons.join("; "),
      );
      assert.ok((await basesOf(host)).includes(SYSTEM));
      if (!/package/.test(what)) assert.equal(stateOf(plan, DATA), "unused");
    });
  }

  it("keeps what is used by an image on a file system mounted below a pool, and leaves /proc alone", async () => {
    await open((root) => ({ pools: dirPool(root) }));
    const { run } = testContext();
    const below = (name: string): string => path.join(host.paths.root, "far", name);
    const mounts = [below("fast disk"), below("proc")];
    for (const folder of mounts) await mkdir(folder, { recursive: true });
    await run("mount", ["-t", "tmpfs", "tmpfs", below("fast disk")]);
    await run("mount", ["-t", "proc", "proc", below("proc")]);
    try {
      await overlay(below("fast disk/deep/x.qcow2"), path.join(host.paths.baseDir, SYSTEM));
      const plan = await collectGarbage(await openLater(host), WEEK);
      assert.deepEqual(plan.obstacles, []);
      assert.match(reasonsFor(plan, SYSTEM).join(), /^image .*fast disk\/deep\/x.qcow2$/);
      assert.ok((await basesOf(host)).includes(SYSTEM));
      assert.equal(stateOf(plan, DATA), "unused");
    } finally {
      await run("umount", mounts);
    }
  });

  for (const [what, obstacle] of Object.entries(obstacles)) {
    it(`keeps everything, and says why, when ${what}`, async () => {
      await open(obstacle.libvirt);
      await obstacle.begin(host, path.join(host.paths.baseDir, SYSTEM));
      const before = await basesOf(host);
      const plan = await collectGarbage(await openLater(host), WEEK);
      assert.deepEqual(plan.unused, []);
      assert.equal(stateOf(plan, SYSTEM), "unsure");
      assert.match(plan.obstacles.join("\n"), obstacle.reason);
      assert.deepEqual(await basesOf(host), before);
    });
  }
});
