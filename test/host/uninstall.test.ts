import assert from "node:assert/strict";
import { chmod, mkdir, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describeOperation } from "../../src/host/operation/describe-operation.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { collectGarbage } from "../../src/host/gc/gc.ts";
import { installStaged } from "../../src/host/install/install.ts";
import { prepareUninstall, uninstall } from "../../src/host/install/uninstall.ts";
import { listAppliances } from "../../src/host/show/list-appliances.ts";
import { withStagedAppliance } from "../../src/pipeline/index.ts";
import { descriptorOf, noise, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";
import { openLater } from "../fixtures/host-bases.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

describe("uninstall", () => {
  const context = testContext();
  const folder = temporaryFolder();
  let source = "";
  let host: HostFixture;
  before(async () => {
    source = path.join(folder, "web");
    const disk = Buffer.alloc(2 * MIB);
    noise(65536, "web").copy(disk, MIB);
    const descriptor = descriptorOf([{ file: "system.raw", sizeMib: 2 }], { name: "web" });
    await writeAppliance(source, descriptor, { "system.raw": disk, "README.md": "read me\n" });
  });
  beforeEach(async () => (host = await openHostFixture()));
  afterEach(() => host[Symbol.asyncDispose]());

  async function install(version: string): Promise<void> {
    const options = {
      outputFolder: path.join(folder, "work"),
      package: { buildTimeSeconds: 1_767_225_600, version },
      images: { keepRaw: false, compression: "zstd" },
    } as const;
    const opened = await host.open();
    await withStagedAppliance(source, options, {
      context,
      use: (staged) => installStaged(opened, staged),
    });
  }
  /** A host on which `rpm` is this line of shell. */
  async function withRpm(script: string): Promise<LocalHost> {
    const bin = path.join(host.paths.root, "bin");
    await mkdir(bin, { recursive: true });
    await writeFile(path.join(bin, "rpm"), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(bin, "rpm"), 0o755);
    const opened = await host.open();
    const run: typeof context.run = (file, args, options) =>
      context.run(file === "rpm" ? path.join(bin, "rpm") : file, args, options);
    return { ...opened, context: { ...opened.context, run } };
  }
  const names = async (): Promise<readonly string[]> => [...(await host.files()).keys()].sort();
  const installed = async (): Promise<readonly string[]> =>
    (await listAppliances(host.paths)).appliances.map((each) => `${each.name}-${each.version}`);
  const base = (version: string): string => `web-appliance-${version}-1-system.qcow2`;

  it("removes what install created, except bases, which gc removes", async () => {
    const before = await names();
    await install("1.0");
    await install("1.1");
    const both = await names();
    const { subject, bases, complete } = await uninstall(await host.open(), "web-1.1");
    assert.equal(subject, "web-appliance-1.1-1");
    assert.equal(complete, true);
    assert.deepEqual(
      bases.map(({ file, users }) => [file, users]),
      [[base("1.1"), []]],
    );
    assert.deepEqual(await installed(), ["web-1.0"]);
    assert.deepEqual(
      await names(),
      both.filter((name) => !name.includes("1.1-1") || name.endsWith(`/base/${base("1.1")}`)),
    );
    await uninstall(await host.open(), "web");
    assert.equal(await stat(path.join(host.paths.payloadDir, "web-appliance")).catch(() => 0), 0);
    await collectGarbage(await openLater(host), { graceMs: 0 });
    const left = (await names()).filter((name) => !before.includes(name));
    assert.deepEqual(
      left.filter((name) => !/^etc\/libvirt\/|\/lock$/.test(name)),
      [],
    );
  });

  it("lets the same version be installed again, on the base that stayed", async () => {
    await install("1.0");
    const file = path.join(host.paths.baseDir, base("1.0"));
    const before = await stat(file);
    await uninstall(await host.open(), "web-appliance-1.0-1");
    await install("1.0");
    assert.equal((await stat(file)).ino, before.ino);
    assert.deepEqual(await installed(), ["web-1.0"]);
  });

  it("names the VMs that use the kept bases", async () => {
    await install("1.0");
    const overlay = path.join(host.paths.diskDir, "vm1.qcow2");
    const backing = path.join(host.paths.baseDir, base("1.0"));
    await context.run("qemu-img", ["create", "-qfqcow2", "-b", backing, "-Fqcow2", overlay]);
    const { bases } = await uninstall(await host.open(), "web");
    assert.deepEqual(bases[0]?.users, [`image ${overlay}`]);
    const plan = await collectGarbage(await openLater(host), { graceMs: 0 });
    assert.deepEqual(plan.unused, []);
  });

  it("prints a plan, and changes nothing", async () => {
    await install("1.0");
    const before = await host.files();
    const lines = describeOperation((await prepareUninstall(await host.open(), "web")).steps);
    assert.equal(lines.length, 7, lines.join("\n"));
    assert.match(lines.join("\n"), /^set .*catalog\.d\/web-appliance-1\.0-1 aside$/m);
    assert.match(lines.at(-1) ?? "", /payload\/web-appliance if it is empty$/);
    assert.deepEqual(await host.files(), before);
  });

  it("leaves a package to dnf, naming the command", async () => {
    await install("1.0");
    const before = await host.files();
    const owned = await withRpm("echo web-appliance-1.0-1.x86_64");
    await assert.rejects(uninstall(owned, "web"), {
      code: "HOST_REFUSED",
      message: "web-appliance-1.0-1: installed as a package",
      hint: "dnf remove web-appliance-1.0-1",
    });
    const broken = await withRpm("echo 'error: cannot open Packages database' >&2; exit 1");
    await assert.rejects(uninstall(broken, "web"), { code: "HOST_REFUSED" });
    assert.deepEqual(
      [...(await host.files())].filter(([name]) => name !== "bin/rpm"),
      [...before],
    );
  });

  it("asks for the version when there are several", async () => {
    await install("1.0");
    await install("1.1");
    await assert.rejects(uninstall(await host.open(), "web"), {
      code: "HOST_REFUSED",
      details: ["web-appliance-1.1-1", "web-appliance-1.0-1"],
    });
    for (const wanted of ["web-2.0", "shop", "", ".", "..", "../catalog.d/web-appliance-1.0-1"]) {
      const rejected = uninstall(await host.open(), wanted);
      await assert.rejects(rejected, { code: "HOST_UNKNOWN_APPLIANCE" }, wanted);
    }
    assert.deepEqual(await installed(), ["web-1.1", "web-1.0"]);
  });

  it("removes a damaged appliance by its full name", async () => {
    await install("1.0");
    const entry = path.join(host.paths.catalogueDir, "web-appliance-1.0-1");
    await writeFile(path.join(entry, "catalogue.json"), "{");
    await rename(host.paths.osinfoDir, `${host.paths.osinfoDir}.gone`);
    const { subject } = await uninstall(await host.open(), "web-appliance-1.0-1");
    assert.equal(subject, "web-appliance-1.0-1");
    assert.ok(!(await names()).some((name) => /catalog\.d\/web|payload\/web/.test(name)));
  });
});
