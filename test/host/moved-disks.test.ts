import assert from "node:assert/strict";
import { copyFile, link, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { adoptDomain, prepareAdopt } from "../../src/host/adopt/adopt.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { diagnose } from "../../src/host/doctor/doctor.ts";
import { faceOf } from "../../src/host/open-host.ts";
import type { Finding } from "../../src/host/doctor/finding.ts";
import { growVm } from "../../src/host/grow/grow.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { ApplianceError } from "../../src/errors.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import { overlay, recordBases } from "../fixtures/host-bases.ts";
import {
  editDomain,
  instanceOf,
  openUpdateFixture,
  updateTools,
} from "../fixtures/appliance-versions.ts";

const CHANGED = { hash: "changed" } as const;
const noRequest = { disks: {}, boot: undefined };

describe("a VM whose disks are not as its record says", () => {
  let host: HostFixture;
  const { disk, update, rollback, refusal, names } = updateTools(() => host);
  beforeEach(async () => {
    host = await openUpdateFixture();
    await recordBases(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const elsewhere = (name: string): string => path.join(host.paths.root, "srv/big", name);
  /** Puts another file in the place of a disk, as `virsh edit` and a snapshot do. */
  const replace = (from: string, to: string): Promise<void> =>
    editDomain(host, (xml) =>
      xml.replaceAll(/<disk [^]*?<\/disk>/g, (element) =>
        element.includes(`source file="${from}"`)
          ? element
              .replace(/<source file="[^]*?(?=<target)/, `<source file="${to}"/>`)
              .replace(/(<driver [^>]*type=")\w+/, `$1${to.endsWith(".raw") ? "raw" : "qcow2"}`)
          : element,
      ),
    );
  const snapshot = async (name: string, top: string): Promise<void> => {
    await overlay(disk(name), disk(top));
    await replace(disk(top), disk(name));
  };
  const findings = async (): Promise<readonly Finding[]> =>
    (await diagnose(await host.open(), CHANGED)).findings.filter(
      ({ code, severity }) => code.startsWith("disk-") && severity !== "note",
    );

  /** Ways to change the disks of `vm1`, and what is then found. */
  const ways: Readonly<Record<string, { do: () => Promise<unknown>; found: readonly string[] }>> = {
    "after an external snapshot": {
      do: () => snapshot("vm1-system.snap", "vm1-system.qcow2"),
      found: ["disk-layers"],
    },
    "after several external snapshots": {
      do: async () => {
        await snapshot("one.snap", "vm1-system.qcow2");
        await snapshot("two.snap", "one.snap");
      },
      found: ["disk-layers"],
    },
    "whose file was moved": {
      do: async () => {
        await mkdir(elsewhere(""), { recursive: true });
        await rename(disk("vm1-system.qcow2"), elsewhere("root.qcow2"));
        await replace(disk("vm1-system.qcow2"), elsewhere("root.qcow2"));
      },
      found: ["disk-moved"],
    },
    "which was copied whole": {
      do: async () => {
        await mkdir(elsewhere(""), { recursive: true });
        const args = ["convert", "-O", "qcow2", disk("vm1-system.qcow2"), elsewhere("whole.qcow2")];
        await testContext().run("qemu-img", args);
        await replace(disk("vm1-system.qcow2"), elsewhere("whole.qcow2"));
      },
      found: ["disk-base", "disk-moved"],
    },
    "that is named by another path": {
      do: async () => {
        await mkdir(elsewhere(""), { recursive: true });
        await link(disk("vm1-system.qcow2"), elsewhere("same.qcow2"));
        await replace(disk("vm1-system.qcow2"), elsewhere("same.qcow2"));
      },
      found: ["disk-moved"],
    },
    "that is a volume of a pool by now": {
      do: async () => {
        await mkdir(elsewhere(""), { recursive: true });
        await rename(disk("vm1-system.qcow2"), elsewhere("root.qcow2"));
        const pool = { name: "big", isActive: true, type: "dir", targetPath: elsewhere("") };
        host.libvirt.listPools = () => Promise.resolve([pool]);
        host.libvirt.listVolumes = () =>
          Promise.resolve([{ name: "root.qcow2", path: elsewhere("root.qcow2") }]);
        await editDomain(host, (xml) =>
          xml
            .replace('type="file" device="disk"', 'type="volume" device="disk"')
            .replace(
              /<source file="[^"]*vm1-system.qcow2"\/><backingStore.*?(?=<target)/s,
              '<source pool="big" volume="root.qcow2"/>',
            ),
        );
      },
      found: ["disk-moved"],
    },
    "with another device name": {
      do: () => editDomain(host, (xml) => xml.replace('dev="vda"', 'dev="vdk"')),
      found: ["disk-target"],
    },
    "whose data disk was moved": {
      do: async () => {
        await mkdir(elsewhere(""), { recursive: true });
        await copyFile(disk("vm1-data.raw"), elsewhere("data.raw"));
        await replace(disk("vm1-data.raw"), elsewhere("data.raw"));
      },
      found: ["disk-moved"],
    },
  };
  for (const [what, way] of Object.entries(ways)) {
    describe(what, () => {
      beforeEach(way.do);

      it("is found, not changed silently, and its record follows when it is told to", async () => {
        const found = await findings();
        assert.deepEqual(found.map(({ code }) => code).sort(), way.found);
        for (const { todo } of found) assert.match(todo, /doctor --fix|adopt vm1/);
        const before = await host.libvirt.dumpXml("vm1");
        const { notes } = await prepareAdopt(await host.open(), "vm1", noRequest);
        assert.equal(notes.length, way.found.length);
        assert.equal(await host.libvirt.dumpXml("vm1"), before);
        const { repaired } = await faceOf(await host.open()).repair(CHANGED);
        assert.deepEqual(
          repaired
            .filter(({ code }) => code.startsWith("disk-"))
            .map(({ code }) => code)
            .sort(),
          way.found,
        );
        assert.deepEqual(await findings(), []);
        const disks = parseDomain(before).disks.map(({ target }) => target);
        const now = parseDomain(await host.libvirt.dumpXml("vm1")).disks;
        assert.deepEqual(
          now.map(({ target }) => target),
          disks,
        );
        assert.match(
          await rejection(async () => adoptDomain(await host.open(), "vm1", noRequest)),
          /already recorded/,
        );
      });

      it("can be grown, updated and rolled back once the record follows, and ends with all its files", async () => {
        opened = await host.open();
        const old = parseDomain(await host.libvirt.dumpXml("vm1")).disks.map(
          ({ source }) => source,
        );
        await adoptDomain(opened, "vm1", noRequest);
        await growVm(opened, "vm1", { disk: "system", request: { byBytes: 4096 } });
        await update();
        await rollback();
        const after = parseDomain(await host.libvirt.dumpXml("vm1")).disks.map(
          ({ source }) => source,
        );
        const isVolume = what.includes("volume");
        if (!isVolume) assert.deepEqual(after, old);
        assert.deepEqual(await findings(), []);
        await update();
        await acceptVm(opened, "vm1");
        await destroyVm(opened, "vm1", { data: "remove", running: "refuse" });
        // The earlier copy is kept where it was: it is no longer a disk of the VM.
        const copied: Record<string, readonly string[]> = {
          "which was copied whole": ["vm1-system.qcow2"],
          "that is named by another path": ["vm1-system.qcow2"],
          "whose data disk was moved": ["vm1-data.raw"],
        };
        assert.deepEqual(await names(), copied[what] ?? []);
        assert.deepEqual(await readdir(elsewhere("")).catch(() => []), []);
      });
    });
  }

  let opened: Awaited<ReturnType<HostFixture["open"]>>;
  beforeEach(async () => {
    opened = await host.open();
  });
  const rejection = async (run: () => Promise<unknown>): Promise<string> => {
    const error = await run().then(
      () => assert.fail("it was not refused"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ApplianceError && error.code === "HOST_REFUSED", String(error));
    return error.details.join("\n");
  };

  it("is not updated, grown or rolled back before, and told the way out", async () => {
    await snapshot("vm1-system.snap", "vm1-system.qcow2");
    const way = /the domain has .*vm1-system.snap at vda, expected .*adopt vm1 updates the record/;
    assert.match(await refusal(), way);
    const growth = { disk: "system", request: { byBytes: 4096 } };
    assert.match(await rejection(() => growVm(opened, "vm1", growth)), way);
  });

  it("is destroyed with every layer above its disks, and nothing of another's", async () => {
    await snapshot("vm1-system.snap", "vm1-system.qcow2");
    await overlay(disk("data.snap"), disk("vm1-data.raw"), { backingFormat: "raw" });
    await replace(disk("vm1-data.raw"), disk("data.snap"));
    await writeFile(disk("own.raw"), "the administrator's");
    await editDomain(host, (xml) =>
      xml.replace(
        "</devices>",
        `<disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${disk("own.raw")}"/><target dev="vdx"/></disk></devices>`,
      ),
    );
    const request = { data: "remove", running: "refuse" } as const;
    const { kept } = await destroyVm(opened, "vm1", request);
    assert.deepEqual(kept, [disk("own.raw")]);
    assert.deepEqual(await names(), ["own.raw"]);
  });

  it("keeps the layers of its data when these are to be kept", async () => {
    await overlay(disk("data.snap"), disk("vm1-data.raw"), { backingFormat: "raw" });
    await replace(disk("vm1-data.raw"), disk("data.snap"));
    const request = { data: "keep", running: "refuse" } as const;
    const { kept } = await destroyVm(opened, "vm1", request);
    assert.deepEqual([...kept].sort(), [disk("data.snap"), disk("vm1-data.raw")]);
    assert.deepEqual(await names(), ["data.snap", "vm1-data.raw"]);
  });

  it("follows what plain bytes say nowhere: a guest writes them", async () => {
    await writeFile(disk("precious.raw"), "precious");
    await rm(disk("vm1-data.raw"));
    await overlay(disk("vm1-data.raw"), disk("precious.raw"), { backingFormat: "raw" });
    assert.deepEqual(await findings(), []);
    await overlay(disk("data.snap"), disk("vm1-data.raw"), { backingFormat: "raw" });
    await replace(disk("vm1-data.raw"), disk("data.snap"));
    await adoptDomain(opened, "vm1", noRequest);
    await destroyVm(opened, "vm1", { data: "remove", running: "refuse" });
    assert.deepEqual(await names(), ["precious.raw"]);
  });

  it("is not destroyed while it has another file than is known, unless that is kept", async () => {
    await copyFile(disk("vm1-data.raw"), disk("other.raw"));
    await replace(disk("vm1-data.raw"), disk("other.raw"));
    const before = await names();
    assert.match(
      await rejection(() => destroyVm(opened, "vm1", { data: "remove", running: "refuse" })),
      /disk data: the domain has .*other.raw at vdb, .*adopt vm1 .*, or use --keep-data/,
    );
    assert.deepEqual(await names(), before);
    const { kept } = await destroyVm(opened, "vm1", { data: "keep", running: "refuse" });
    assert.deepEqual([...kept].sort(), [disk("other.raw"), disk("vm1-data.raw")]);
  });

  const unseen: Readonly<Record<string, (element: string) => string>> = {
    "a server": (element) =>
      element
        .replace('type="file"', 'type="network"')
        .replace(
          /<source [^]*?(?=<target)/,
          '<source protocol="nbd" name="export"><host name="storage"/></source>',
        ),
    "a file system that is not mounted": (element) =>
      element.replace(/<source [^]*?(?=<target)/, `<source file="${elsewhere("data.raw")}"/>`),
  };
  for (const [where, change] of Object.entries(unseen))
    it(`is not destroyed while its data is on ${where}, unless that is kept`, async () => {
      await editDomain(host, (xml) =>
        xml.replaceAll(/<disk [^]*?<\/disk>/g, (element) =>
          element.includes(`source file="${disk("vm1-data.raw")}"`) ? change(element) : element,
        ),
      );
      const before = await names();
      assert.match(
        await rejection(() => destroyVm(opened, "vm1", { data: "remove", running: "refuse" })),
        /disk data: the domain has .* at vdb, .* the record names .*vm1-data.raw; use --keep-data/,
      );
      assert.deepEqual(await names(), before);
      await destroyVm(opened, "vm1", { data: "keep", running: "refuse" });
      assert.deepEqual(await names(), ["vm1-data.raw"]);
    });

  it("is told of a disk that is gone from the domain, which only the administrator can explain", async () => {
    await editDomain(host, (xml) =>
      xml.replace(/<disk (?:(?!<\/disk>)[^])*vm1-data[^]*?<\/disk>/, ""),
    );
    const [found] = await findings();
    assert.deepEqual([found?.code, found?.repair], ["disk-detached", null]);
    assert.match(await rejection(() => adoptDomain(opened, "vm1", noRequest)), /--disk data=none/);
    await adoptDomain(opened, "vm1", { ...noRequest, disks: { data: "none" } });
    assert.deepEqual(await findings(), []);
    assert.deepEqual(
      (await instanceOf(host)).current.disks.map(({ id }) => id),
      ["system", "scratch"],
    );
  });

  it("is told when the definition names another base than the image", async () => {
    const other = path.join(host.paths.baseDir, "web-appliance-1.1-1-system.qcow2");
    await testContext().run("qemu-img", [
      "rebase",
      "-u",
      "-b",
      other,
      "-F",
      "qcow2",
      disk("vm1-system.qcow2"),
    ]);
    const codes = (await findings()).map(({ code }) => code).sort();
    assert.deepEqual(codes, ["disk-base", "disk-chain"]);
    assert.match(await refusal(), /is backed by .*1.1-1-system.qcow2/);
    await editDomain(host, (xml) =>
      xml.replaceAll(
        /(<backingStore type="file">(?:(?!<target)[^])*?)1\.0-1-system/g,
        "$11.1-1-system",
      ),
    );
    await adoptDomain(opened, "vm1", noRequest);
    assert.equal((await instanceOf(host)).current.version, "1.1");
    assert.deepEqual(await findings(), []);
  });

  it("does not lose what it still needs when an update is accepted", async () => {
    await update();
    const now = parseDomain(await host.libvirt.dumpXml("vm1")).disks[0]?.source ?? "";
    await replace(now, disk("vm1-system.qcow2"));
    assert.match(
      await rejection(() => acceptVm(opened, "vm1")),
      /vm1-system.qcow2: vm1 itself still needs it/,
    );
  });
});
