import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createVm } from "../../src/host/create/create.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { collectGarbage } from "../../src/host/gc/gc.ts";
import { growVm } from "../../src/host/grow/grow.ts";
import { uninstall } from "../../src/host/install/uninstall.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { readDiskFacts } from "../../src/image/index.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { type HostFixture, request } from "../fixtures/memory-host.ts";
import { openLater, recordBases, removePackage, stateOf, WEEK } from "../fixtures/host-bases.ts";
import { openUpdateFixture, updateTools } from "../fixtures/appliance-versions.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const MIB = 1024 * 1024;

/** The table of the page: what happens, by `role / operation`. */
async function cellsOfPage(): Promise<ReadonlyMap<string, string>> {
  const page = await readFile(path.join(repository, "docs/disks.md"), "utf8");
  // The first table; those below are about other things.
  const rows = page
    .replace(/\n## [^]*$/, "")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head = [], , ...operations] = rows;
  return new Map(
    operations.flatMap(([operation = "", ...cells]) =>
      cells.map((cell, index) => [`${head[index + 1]} / ${operation}`, cell] as const),
    ),
  );
}

/** Cells that titles of tests name: `[data / create]`. */
async function cellsOfTests(): Promise<ReadonlySet<string>> {
  const cells = new Set<string>();
  for (const folder of ["test/host", "test/e2e", "test/slow"]) {
    const names = await readdir(path.join(repository, folder));
    for (const name of names.filter((each) => each.endsWith(".test.ts"))) {
      const text = await readFile(path.join(repository, folder, name), "utf8");
      for (const [, title = ""] of text.matchAll(/\bit\(\s*["'`](.*?)["'`],/gs))
        for (const [, cell = ""] of title.matchAll(/\[(\w+ \/ [^\]]+)\]/g)) cells.add(cell);
    }
  }
  return cells;
}

describe("docs/disks.md", () => {
  it("says what happens in every cell", async () => {
    const cells = await cellsOfPage();
    assert.equal(cells.size, 4 * 13);
    for (const [cell, what] of cells) assert.notEqual(what, "", cell);
  });

  it("has a test for every cell, and no test for none", async () => {
    const cells = [...(await cellsOfPage()).keys()].sort();
    assert.deepEqual([...(await cellsOfTests())].sort(), cells);
  });
});

describe("disks of each role", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
    await recordBases(host);
    for (const [file, format, text] of [
      ["vm1-system.qcow2", "qcow2", "0x41"],
      ["vm1-data.raw", "raw", "0x42"],
      ["vm1-scratch.qcow2", "qcow2", "0x43"],
    ] as const)
      await testContext().run("qemu-io", ["-f", format, "-c", `write -P ${text} 0 1M`, disk(file)]);
    bases = await digests("var/lib/libvirt/images/appliances/base/");
    before = await digests("var/lib/libvirt/images/vm1");
  });
  afterEach(() => host[Symbol.asyncDispose]());
  let bases: Readonly<Record<string, string>> = {};
  let before: Readonly<Record<string, string>> = {};
  const { disk, update, rollback } = updateTools(() => host);

  async function digests(prefix: string): Promise<Readonly<Record<string, string>>> {
    const files = [...(await host.files())].filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(files.map(([name, digest]) => [path.basename(name), digest]));
  }
  const vmFiles = (): Promise<Readonly<Record<string, string>>> =>
    digests("var/lib/libvirt/images/vm1");
  const basesStay = async (): Promise<void> =>
    assert.deepEqual(await digests("var/lib/libvirt/images/appliances/base/"), bases);
  /** Names of the files that the VM's domain has as its disks. */
  const inUse = async (): Promise<readonly string[]> =>
    parseDomain(await host.libvirt.dumpXml("vm1")).disks.map(({ source = "" }) =>
      path.basename(source),
    );
  const first = ["vm1-system.qcow2", "vm1-data.raw", "vm1-scratch.qcow2"];
  const second = ["vm1-1.1-1-system.qcow2", "vm1-data.raw", "vm1-1.1-1-scratch.qcow2"];

  it("create makes them as the page says [base / create] [system / create] [data / create] [scratch / create]", async () => {
    await createVm(await host.open(), request({ vm: "vm2", appliance: "web-1.0", start: false }));
    await basesStay();
    const files = await digests("var/lib/libvirt/images/vm2");
    assert.deepEqual(Object.keys(files).sort(), [
      "vm2-data.raw",
      "vm2-scratch.qcow2",
      "vm2-system.qcow2",
    ]);
    assert.equal(files["vm2-data.raw"], bases["web-appliance-1.0-1-data.raw"]);
    const { run } = testContext();
    const info = async (file: string): Promise<string> =>
      (await run("qemu-img", ["info", disk(file)])).stdout;
    assert.match(await info("vm2-system.qcow2"), /backing file: .*1.0-1-system.qcow2/);
    assert.doesNotMatch(await info("vm2-scratch.qcow2"), /backing file/);
    const { stdout } = await run("qemu-img", ["map", "--output=json", disk("vm2-scratch.qcow2")]);
    assert.doesNotMatch(stdout, /"data": true/);
  });

  it("update replaces system and scratch, keeping those of before [base / update] [system / update] [data / update] [scratch / update]", async () => {
    await update();
    await basesStay();
    assert.deepEqual(await inUse(), second);
    const files = await vmFiles();
    for (const name of first) assert.equal(files[name], before[name], name);
    const { stdout } = await testContext().run("qemu-img", [
      "map",
      "--output=json",
      disk(second[2] ?? ""),
    ]);
    assert.doesNotMatch(stdout, /"data": true/);
  });

  it("rollback brings those of before back, and leaves data as they are now [base / rollback] [system / rollback] [data / rollback] [scratch / rollback]", async () => {
    await update();
    await writeFile(disk("vm1-data.raw"), Buffer.alloc(4 * MIB, "written after the update "));
    await rollback();
    await basesStay();
    assert.deepEqual(await inUse(), first);
    const files = await vmFiles();
    assert.deepEqual(Object.keys(files).sort(), [...first].sort());
    assert.equal(files["vm1-system.qcow2"], before["vm1-system.qcow2"]);
    assert.equal(files["vm1-scratch.qcow2"], before["vm1-scratch.qcow2"]);
    assert.equal(
      files["vm1-data.raw"],
      digestOf(Buffer.alloc(4 * MIB, "written after the update ")),
    );
  });

  it("accept deletes those of before, and leaves data [base / accept] [system / accept] [data / accept] [scratch / accept]", async () => {
    await update();
    await acceptVm(await host.open(), "vm1");
    await basesStay();
    assert.deepEqual(await inUse(), second);
    const files = await vmFiles();
    assert.deepEqual(Object.keys(files).sort(), [...second].sort());
    assert.equal(files["vm1-data.raw"], before["vm1-data.raw"]);
    await removePackage(host, "1.0");
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.equal(stateOf(plan, "web-appliance-1.0-1-system.qcow2"), "unused");
  });

  it("grow makes any of them larger, and changes no content [base / grow] [system / grow] [data / grow] [scratch / grow]", async () => {
    const content = async (file: string): Promise<string> => {
      const out = path.join(host.paths.root, "content.raw");
      await testContext().run("qemu-img", ["convert", "-O", "raw", disk(file), out]);
      return digestOf((await readFile(out)).subarray(0, 4 * MIB));
    };
    for (const [index, id] of ["system", "data", "scratch"].entries()) {
      const file = first[index] ?? "";
      const was = await content(file);
      await growVm(await host.open(), "vm1", { disk: id, request: { toBytes: 16 * MIB } });
      const format = file.endsWith(".raw") ? "raw" : "qcow2";
      assert.equal((await readDiskFacts(disk(file), format)).virtualSizeBytes, 16 * MIB, id);
      assert.equal(await content(file), was, id);
    }
    await basesStay();
  });

  it("destroy deletes all but the base [base / destroy] [system / destroy] [data / destroy] [scratch / destroy]", async () => {
    await destroyVm(await host.open(), "vm1", { data: "remove", running: "refuse" });
    await basesStay();
    assert.deepEqual(await vmFiles(), {});
  });

  it("destroy --keep-data leaves data and says where [base / destroy --keep-data] [system / destroy --keep-data] [data / destroy --keep-data] [scratch / destroy --keep-data]", async () => {
    const wanted = { data: "keep", running: "refuse" } as const;
    const { kept } = await destroyVm(await host.open(), "vm1", wanted);
    await basesStay();
    assert.deepEqual(kept, [disk("vm1-data.raw")]);
    assert.deepEqual(await vmFiles(), { "vm1-data.raw": before["vm1-data.raw"] });
  });

  it("uninstall leaves disks and bases where they are [base / uninstall] [system / uninstall] [data / uninstall] [scratch / uninstall]", async () => {
    const { bases: left } = await uninstall(await host.open(), "web-1.0");
    const system = left.find(({ file }) => file === "web-appliance-1.0-1-system.qcow2");
    assert.ok(system?.users.includes("domain vm1"), JSON.stringify(left));
    await basesStay();
    assert.deepEqual(await vmFiles(), before);
    const plan = await collectGarbage(await openLater(host), { graceMs: 0 });
    assert.equal(stateOf(plan, "web-appliance-1.0-1-system.qcow2"), "used");
  });

  it("gc touches no disk of a VM, and keeps its base [system / gc] [data / gc] [scratch / gc]", async () => {
    for (const version of ["1.0", "1.1"]) await removePackage(host, version);
    const plan = await collectGarbage(await openLater(host), { graceMs: 0 });
    assert.equal(stateOf(plan, "web-appliance-1.0-1-system.qcow2"), "used");
    assert.equal(stateOf(plan, "web-appliance-1.1-1-system.qcow2"), "unused");
    assert.deepEqual(await vmFiles(), before);
  });
});
