import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { hostSteps } from "../../src/host/steps/host-steps.ts";
import type { HostAccess } from "../../src/host/access/host-access.ts";
import { ApplianceError } from "../../src/errors.ts";
import type { StepKinds } from "../../src/lib/journal/journal.ts";
import { countingHook, killingHook } from "../support/kill-points.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { addVersion, instanceOf } from "../fixtures/appliance-versions.ts";

const PRECIOUS = "somebody else's";

describe("files of a new VM", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addAppliance(host, { os: "<kernel>vmlinuz</kernel>" });
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const disk = (name: string): string => path.join(host.paths.diskDir, name);
  const disks = async (): Promise<string[]> =>
    (await readdir(host.paths.diskDir)).filter((name) => name !== "appliances").sort();
  /** Makes vm1 while somebody else does something when its first disk is being made. */
  const createMeanwhile = async (
    meanwhile: () => Promise<unknown>,
    overrides: Parameters<typeof request>[0] = {},
  ): Promise<void> => {
    let isDone = false;
    const before = async (label: string): Promise<void> => {
      if (!label.startsWith("overlay ") || isDone) return;
      isDone = true;
      await meanwhile();
    };
    await createVm(await host.open({ before }), request(overrides));
  };

  for (const name of ["vm1-system.qcow2", "vm1-data.raw", "vm1-scratch.qcow2", "vm1-vmlinuz"]) {
    it(`leave another file as it is that came meanwhile: ${name}`, async () => {
      await assert.rejects(
        createMeanwhile(() => writeFile(disk(name), PRECIOUS)),
        {
          code: "HOST_REFUSED",
          message: `${disk(name)}: a file of this name was created meanwhile, expected none; it was not changed`,
        },
      );
      assert.deepEqual(await disks(), [name]);
      assert.equal(await readFile(disk(name), "utf8"), PRECIOUS);
      assert.deepEqual(await host.libvirt.listDomains(), []);
    });
  }

  it("lie in a private folder that holds nothing of anybody else", async () => {
    const kinds: StepKinds<HostAccess> = hostSteps;
    const folder = disk(".vm1.install");
    const step = { kind: "make-private-folder", path: folder };
    const notes = { operation: "operation", made: undefined, remember: async () => {} };
    const make = async (): Promise<void> => {
      await kinds["make-private-folder"]?.apply(step, await host.open(), notes);
      assert.deepEqual(await readdir(folder), []);
      assert.equal((await lstat(folder)).mode & 0o40777, 0o40700);
    };
    await make();
    await chmod(folder, 0o777);
    await symlink("/etc/passwd", path.join(folder, "vm1.ks"));
    await make();
    await rm(folder, { recursive: true });
    await symlink(host.paths.root, folder);
    await make();
    assert.ok((await readdir(host.paths.root)).length > 0);
  });

  it("are known to the journal before they have their names", async () => {
    const { labels, ...hook } = countingHook();
    await createVm(await host.open(hook), request({ vm: "vm2", start: false }));
    for (const name of ["system.qcow2", "data.raw", "scratch.qcow2", "vmlinuz"]) {
      const named = labels.indexOf(`link ${disk(`vm2-${name}`)}`);
      assert.notEqual(named, -1, labels.join("\n"));
      const killed = createVm(await host.open(killingHook(named, "after")), request());
      await assert.rejects(killed, /killed after change/);
      assert.ok((await disks()).includes(`vm1-${name}`));
      await recoverInterrupted(await host.open());
      assert.deepEqual(
        (await disks()).filter((one) => one.includes("vm1-")),
        [],
      );
    }
  });

  it("a new file is not written through a link that was created meanwhile", async () => {
    const elsewhere = path.join(host.paths.root, "elsewhere");
    await writeFile(elsewhere, PRECIOUS);
    await assert.rejects(
      createMeanwhile(() => symlink(elsewhere, disk("vm1-data.raw"))),
      { code: "HOST_REFUSED" },
    );
    assert.deepEqual(await disks(), ["vm1-data.raw"]);
    assert.equal(await readFile(elsewhere, "utf8"), PRECIOUS);
  });

  it("are given to one VM alone when the names of two lead to the same file", async () => {
    await addVersion(host, { version: "1.1" });
    const disksOf2 = [{ id: "b-system", role: "system", sizeMiB: 4, format: "qcow2" }] as const;
    await addVersion(host, { version: "2.0", disks: disksOf2 });
    const other = await host.open();
    await assert.rejects(
      createMeanwhile(
        () => createVm(other, request({ appliance: "web-2.0", vm: "a", start: false })),
        { appliance: "web-1.1", vm: "a-b" },
      ),
      {
        code: "HOST_REFUSED",
        message: /a-b-system\.qcow2: a file of this name was created meanwhile/,
      },
    );
    assert.deepEqual(
      (await host.libvirt.listDomains()).map(({ name }) => name),
      ["a"],
    );
    assert.deepEqual(
      (await instanceOf(host, "a")).current.disks.map(({ path: file }) => file),
      [disk("a-b-system.qcow2")],
    );
    assert.deepEqual(await disks(), ["a-b-system.qcow2"]);
  });

  it("go when they are undone, and one that came in their place stays, however often it is undone", async () => {
    const counting = countingHook();
    await createVm(await host.open(counting), request());
    await host[Symbol.asyncDispose]();
    host = await openHostFixture();
    await addAppliance(host, { os: "<kernel>vmlinuz</kernel>" });
    const last = counting.labels.findIndex((label) => label === "virsh define");
    await assert.rejects(createVm(await host.open(killingHook(last, "before")), request()));
    assert.equal((await disks()).length, 4);
    const opened = await host.open();
    const [record] = await opened.journal.pending();
    assert.ok(record !== undefined);
    await rm(disk("vm1-data.raw"));
    await writeFile(disk("vm1-data.raw"), PRECIOUS);
    const kinds: StepKinds<HostAccess> = hostSteps;
    for (const step of record.steps.slice(0, record.begun).reverse())
      await kinds[step.kind]?.undo(step, opened, { operation: record.id, made: step.made });
    assert.deepEqual(await recoverInterrupted(opened), []);
    assert.deepEqual(await disks(), ["vm1-data.raw"]);
    assert.equal(await readFile(disk("vm1-data.raw"), "utf8"), PRECIOUS);
  });

  for (const isTaken of [false, true]) {
    it(`replace none where there are no hard links, ${isTaken ? "refused" : "made"}`, async () => {
      const opened = await host.open();
      const cause = Object.assign(new Error("not permitted"), { code: "EPERM" });
      const link = (): Promise<never> =>
        Promise.reject(new ApplianceError("LIB_IO", "not permitted", { cause }));
      const access = { ...opened, effects: { ...opened.effects, link } };
      const kinds: StepKinds<HostAccess> = hostSteps;
      const base64 = Buffer.from("ours").toString("base64");
      const step = { kind: "write-file", path: disk("vm1-seed.iso"), base64 };
      if (isTaken) await writeFile(step.path, PRECIOUS);
      let made: string | undefined;
      const remember = (what: string): Promise<void> => Promise.resolve(void (made = what));
      const applied = kinds["write-file"]?.apply(step, access, {
        operation: "now-create-12345678",
        made,
        remember,
      });
      if (isTaken) await assert.rejects(applied ?? Promise.resolve(), { code: "HOST_REFUSED" });
      else await applied;
      assert.equal(await readFile(step.path, "utf8"), isTaken ? PRECIOUS : "ours");
      await kinds["write-file"]?.undo(step, access, { operation: "now-create-12345678", made });
      assert.deepEqual(await disks(), isTaken ? ["vm1-seed.iso"] : []);
    });
  }

  it("are not made in the folder of a pool that is not active, where nothing may be mounted", async () => {
    for (const type of ["netfs", "dir"]) {
      await using far = await openHostFixture((root) => ({
        pools: [{ name: "far", isActive: false, type, targetPath: `${root}/mnt`, volumes: [] }],
      }));
      await addAppliance(far);
      await mkdir(path.join(far.paths.root, "mnt"));
      await assert.rejects(createVm(await far.open(), request({ pool: "far" })), {
        code: "HOST_REFUSED",
        details: ["pool far: not active; start it with virsh pool-start far"],
      });
      assert.deepEqual(await readdir(path.join(far.paths.root, "mnt")), []);
    }
  });

  it("are named in what went wrong while they were made, by the name that they were to get", async () => {
    const before = async (label: string): Promise<void> => {
      if (!label.startsWith("overlay ")) return;
      await rm(path.join(host.paths.baseDir, "web-appliance-1.0-1-system.qcow2"));
    };
    await createVm(await host.open({ before }), request()).then(
      () => assert.fail("it was made"),
      (error: unknown) => {
        assert.ok(error instanceof ApplianceError);
        const said = [error.message, ...error.details].join("\n");
        assert.match(said, /vm1-system\.qcow2/);
        assert.doesNotMatch(said, /\.new/);
      },
    );
    assert.deepEqual(await disks(), []);
  });
});
