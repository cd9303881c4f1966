import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { renderBaseRecord } from "../../src/host/catalogue/base-record.ts";
import { createVm } from "../../src/host/create/create.ts";
import { collectGarbage } from "../../src/host/gc/gc.ts";
import type { GcPlan } from "../../src/host/gc/plan-gc.ts";
import type { MemoryLibvirtState } from "../../src/libvirt/index.ts";
import { addAppliance, type HostFixture, request } from "../fixtures/memory-host.ts";
import {
  base,
  basesOf,
  DAMAGED_QCOW2,
  DATA,
  domainXml,
  images,
  installAndRemove,
  openLater,
  openWithUnusedBases,
  overlay,
  put,
  reasonsFor,
  removePackage,
  stateOf,
  SYSTEM,
  WEEK,
} from "../fixtures/host-bases.ts";

const OTHER = "db-appliance-1.0-1-system.qcow2";

/** What is in the way, and which bases it may need. */
interface Doubt {
  readonly libvirt?: (root: string) => MemoryLibvirtState;
  readonly begin: (host: HostFixture) => Promise<unknown>;
  readonly held: readonly string[];
}

/** Makes a VM of `web` on a file system, which is then unmounted. */
async function vmElsewhere(host: HostFixture): Promise<void> {
  await addAppliance(host);
  await createVm(await host.open(), request({ start: false }));
  await removePackage(host, "1.0");
  const { definition, moved } = await (async () => {
    const xml = await host.libvirt.dumpDefinition("vm1");
    return { definition: xml, moved: xml.replaceAll(host.paths.diskDir + "/vm1", "/mnt-x/vm1") };
  })();
  assert.notEqual(definition, moved);
  // What the chain says would tell; what is left is the record, which names the files.
  await host.libvirt.defineDomain(moved.replaceAll(/<backingStore[^]*?(?=<target)/g, ""));
  for (const name of ["system.qcow2", "data.raw", "scratch.qcow2"])
    await rm(images(host, `vm1-${name}`));
}

const doubts: Readonly<Record<string, Doubt>> = {
  "an image whose layer is gone from its folder": {
    begin: (host) => overlay(images(host, "top.qcow2"), images(host, "gone.qcow2")),
    held: [],
  },
  "several layers above one that is gone": {
    begin: async (host) => {
      await overlay(images(host, "one.qcow2"), images(host, "gone.qcow2"));
      await overlay(images(host, "two.qcow2"), images(host, "one.qcow2"));
    },
    held: [],
  },
  "a domain whose disk is gone from its folder": {
    libvirt: (root) => ({
      domains: [{ xml: domainXml("plain", [`${root}/var/lib/libvirt/images/gone.qcow2`]) }],
    }),
    begin: (host) => put(images(host, "another.raw"), "x"),
    held: [],
  },
  "a link to a file that is gone from its folder": {
    begin: (host) => symlink("gone.qcow2", images(host, "link.qcow2")),
    held: [],
  },
  "an image whose layer may be on what is not mounted": {
    begin: async (host) => {
      const folder = path.join(host.paths.root, "mnt/far");
      await mkdir(folder, { recursive: true });
      await overlay(images(host, "top.qcow2"), path.join(folder, "one.qcow2"));
    },
    held: [SYSTEM, DATA, OTHER],
  },
  "an image whose layer is below a mount point that the system's table names": {
    begin: async (host) => {
      const folder = path.join(host.paths.root, "mnt/far disk");
      await put(path.join(folder, "README"), "nothing is mounted here");
      await put(
        path.join(host.paths.root, "etc/fstab"),
        `/dev/x ${folder.replace(" ", "\\040")} ext4 defaults 0 2\n`,
      );
      await overlay(images(host, "top.qcow2"), path.join(folder, "one.qcow2"));
    },
    held: [SYSTEM, DATA, OTHER],
  },
  "a damaged image that names a base all the same": {
    begin: async (host) => {
      await overlay(images(host, "bad.qcow2"), base(host, SYSTEM));
      const bytes = await readFile(images(host, "bad.qcow2"));
      DAMAGED_QCOW2.copy(bytes);
      await writeFile(images(host, "bad.qcow2"), bytes);
    },
    held: [SYSTEM],
  },
  "a damaged image of a VM, by its record": {
    begin: async (host) => {
      await addAppliance(host);
      await createVm(await host.open(), request({ start: false }));
      await removePackage(host, "1.0");
      await writeFile(images(host, "vm1-system.qcow2"), DAMAGED_QCOW2);
    },
    held: [],
  },
  "a damaged image of which nothing is known": {
    begin: (host) => put(images(host, "bad.qcow2"), DAMAGED_QCOW2),
    held: [SYSTEM, DATA, OTHER],
  },
  "a VM whose disks are not there": { begin: vmElsewhere, held: [] },
};

describe("gc and what it cannot look at", () => {
  let host: HostFixture;
  afterEach(() => host[Symbol.asyncDispose]());
  const open = async (libvirt: Doubt["libvirt"] = () => ({})): Promise<void> => {
    host = await openWithUnusedBases(libvirt);
    await put(base(host, OTHER), "another appliance's");
    await chmod(base(host, OTHER), 0o444);
    const stats = await stat(base(host, OTHER), { bigint: true });
    const record = renderBaseRecord("0".repeat(64), stats);
    await put(path.join(host.paths.stateDir, "bases", OTHER), record);
  };
  const unsure = (plan: GcPlan): readonly string[] =>
    plan.kept.filter(({ state }) => state === "unsure").map(({ file }) => file);

  for (const [what, { libvirt, begin, held }] of Object.entries(doubts)) {
    it(`keeps ${held.length === 0 ? "nothing else" : "what may be needed"} for ${what}`, async () => {
      await open(libvirt);
      await begin(host);
      const plan = await collectGarbage(await openLater(host), WEEK);
      assert.deepEqual([...unsure(plan)].sort(), [...held].sort());
      const isUsed = /record|a VM whose/.test(what);
      for (const file of [SYSTEM, DATA])
        if (!held.includes(file)) assert.equal(stateOf(plan, file), isUsed ? "used" : "unused");
      assert.equal((await basesOf(host)).includes(OTHER), held.includes(OTHER));
      assert.equal(plan.obstacles.length > 0, held.length > 0);
      for (const file of held) assert.match(reasonsFor(plan, file).join("\n"), /qcow2/);
    });
  }

  it("holds the bases of a VM's package when its disk may come back, and those alone", async () => {
    await open();
    await vmElsewhere(host);
    await installAndRemove(host, [], ["0.9"]);
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual(unsure(plan), [
      "web-appliance-0.9-1-data.raw",
      "web-appliance-0.9-1-system.qcow2",
    ]);
    assert.equal(stateOf(plan, OTHER), "unused");
    assert.match(
      reasonsFor(plan, unsure(plan)[0] ?? "").join(),
      /its disk \/mnt-x\/vm1-\S+ is missing/,
    );
  });

  it("looks at doubts once more when bases are set aside, and brings back what is in doubt", async () => {
    await open();
    const hook = {
      before: async (label: string) => {
        if (label.endsWith(`.${OTHER}.unused`)) await put(images(host, "bad.qcow2"), DAMAGED_QCOW2);
      },
    };
    const plan = await collectGarbage(await openLater(host, { hook }), WEEK);
    assert.deepEqual([...unsure(plan)].sort(), [SYSTEM, DATA, OTHER].sort());
    assert.deepEqual(await basesOf(host), [OTHER, DATA, SYSTEM]);
  });
});
