import assert from "node:assert/strict";
import { link, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { updateVm } from "../../src/host/update/update.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import { domainXml, overlay } from "../fixtures/host-bases.ts";
import {
  cloneVm,
  instanceOf,
  openUpdateFixture,
  updateRequest,
} from "../fixtures/appliance-versions.ts";

describe("a file of a VM that another domain needs", () => {
  let host: HostFixture;
  /** The previous system disk, which accept and destroy would remove. */
  let old: string;
  beforeEach(async () => {
    host = await openUpdateFixture();
    await updateVm(await host.open(), "vm1", updateRequest());
    const { previous } = await instanceOf(host);
    old = previous?.disks.find(({ id }) => id === "system")?.path ?? "";
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const disk = (name: string): string => path.join(host.paths.diskDir, name);
  const commands = {
    accept: async () => acceptVm(await host.open(), "vm1"),
    destroy: async () => destroyVm(await host.open(), "vm1", { data: "remove", running: "refuse" }),
  };
  const refusal = async (run: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = await host.files();
    const error = await run().then(
      () => assert.fail("it was not refused"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ApplianceError && error.code === "HOST_REFUSED", String(error));
    assert.deepEqual(await host.files(), before);
    return error.details;
  };

  const uses: Record<string, () => Promise<void>> = {
    "as its disk": () => host.libvirt.defineDomain(domainXml("other", [old])),
    "as what its disk rests on": async () => {
      await overlay(disk("top.qcow2"), old);
      await host.libvirt.defineDomain(domainXml("other", [disk("top.qcow2")]));
    },
    "below several images, one of them named relatively": async () => {
      await overlay(disk("middle.qcow2"), path.basename(old));
      await overlay(path.join(host.paths.root, "far/top.qcow2"), disk("middle.qcow2"));
      const xml = domainXml("other", [path.join(host.paths.root, "far/top.qcow2")]);
      await host.libvirt.defineDomain(xml);
    },
    "under another name": async () => {
      await mkdir(path.join(host.paths.root, "far"));
      await link(old, path.join(host.paths.root, "far/name.qcow2"));
      const xml = domainXml("other", [path.join(host.paths.root, "far/name.qcow2")]);
      await host.libvirt.defineDomain(xml);
    },
    "as the volume of a pool": async () => {
      const pool = { name: "disks", isActive: true, type: "dir", targetPath: host.paths.diskDir };
      host.libvirt.listPools = () => Promise.resolve([pool]);
      const volume = `<disk type="volume" device="disk"><source pool="disks" volume="${path.basename(old)}"/><target dev="vda"/></disk>`;
      await host.libvirt.defineDomain(domainXml("other", [], volume));
    },
    "as what it runs on, though no longer when it starts again": async () => {
      await overlay(disk("top.qcow2"), old);
      await host.libvirt.defineDomain(domainXml("other", [disk("top.qcow2")]));
      await host.libvirt.startDomain("other");
      await host.libvirt.defineDomain(domainXml("other", []));
      assert.deepEqual(parseDomain(await host.libvirt.dumpXml("other")).disks, []);
    },
    "in a snapshot": async () => {
      await host.libvirt.defineDomain(domainXml("other", []));
      const snapshot = `<domainsnapshot><name>s</name>${domainXml("other", [old])}</domainsnapshot>`;
      const { libvirt } = host;
      const survey = libvirt.surveyDomains.bind(libvirt);
      host.libvirt.surveyDomains = async (options) => {
        const { domains, failures } = await survey(options);
        const snapshots = options.depth === "everything" ? [snapshot] : [];
        const other = domains.map((each) =>
          each.name === "other" ? { ...each, snapshots } : each,
        );
        return { domains: other, failures };
      };
    },
  };
  for (const [how, use] of Object.entries(uses))
    for (const [command, run] of Object.entries(commands))
      it(`is not removed by ${command} while it has it ${how}`, async () => {
        await use();
        assert.deepEqual(await refusal(run), [`${old}: other uses it too`]);
      });

  it("is the disk of before of a VM that was updated itself", async () => {
    await cloneVm(host, "vm1", "vm2");
    const clone = await host.libvirt.dumpXml("vm2");
    const own = clone.replaceAll(
      /(<va:instance [^>]*uuid=")[^"]*/g,
      `$1${parseDomain(clone).uuid}`,
    );
    await host.libvirt.defineDomain(own);
    assert.ok((await refusal(commands.accept)).includes(`${old}: vm2 uses it too`));
  });

  it("stays when it is not known what another domain needs, and the way back stays open", async () => {
    await overlay(disk("top.qcow2"), disk("lost.qcow2"));
    await writeFile(disk("bad.qcow2"), Buffer.from("514649fb00000003ffffffffffffffff", "hex"));
    const xml = domainXml("other", [disk("top.qcow2"), disk("bad.qcow2")]);
    await host.libvirt.defineDomain(xml);
    for (const run of Object.values(commands)) {
      const [first = "", second = "", ...more] = [...(await refusal(run))].sort();
      assert.match(
        first,
        /bad.qcow2: .*: cannot tell whether it needs a file that would be deleted$/,
      );
      assert.match(second, /^other: is backed by .*lost.qcow2, which is missing: cannot tell/);
      assert.deepEqual(more, []);
    }
    await rollbackVm(await host.open(), "vm1", { stopSeconds: undefined, start: "as-before" });
  });

  it("is nothing that a domain without it bars", async () => {
    await overlay(
      disk("top.qcow2"),
      path.join(host.paths.baseDir, "web-appliance-1.0-1-system.qcow2"),
    );
    await host.libvirt.defineDomain(domainXml("other", [disk("top.qcow2"), disk("not-there.raw")]));
    await commands.accept();
    await commands.destroy();
  });
});
