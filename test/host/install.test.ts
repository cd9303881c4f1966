import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { createVm } from "../../src/host/create/create.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { buildAppliance } from "../../src/pipeline/index.ts";
import { testContext } from "../support/context.ts";
import { type HostFixture, openHostFixture, request } from "../fixtures/memory-host.ts";
import { type InstallFixture, openInstallFixture } from "../fixtures/installable-appliance.ts";
import { newFolderIn } from "../support/temporary.ts";

describe("install", () => {
  const context = testContext();
  let web: InstallFixture;
  let host: HostFixture;
  before(async () => (web = await openInstallFixture()));
  after(() => web[Symbol.asyncDispose]());
  beforeEach(async () => (host = await openHostFixture()));
  afterEach(() => host[Symbol.asyncDispose]());

  const open = (): Promise<LocalHost> => host.open();
  const listing = async (root: string): Promise<Record<string, string>> => {
    const { stdout } = await context.run("find", [root, "-printf", "%P %y %m\n"]);
    const entries = stdout.split("\n").filter((line) => /^(usr|var\/lib\/libvirt)\//.test(line));
    const found: Record<string, string> = {};
    for (const entry of entries.sort()) {
      const [name = "", type] = entry.split(" ");
      const text = type === "f" ? (await readFile(path.join(root, name))).toString("hex") : "";
      found[entry] = text.slice(0, 100_000);
    }
    return found;
  };

  for (const keepRaw of [false, true]) {
    it(`leaves what the package leaves${keepRaw ? ", raw disks too" : ""}`, async () => {
      const { subject, complete } = await web.install(await open(), keepRaw);
      assert.deepEqual([subject, complete], ["web-appliance-1.0-1", true]);
      const built = await buildAppliance(web.source, web.options(keepRaw), context);
      const other = await newFolderIn(web.folder);
      await context.run("sh", [
        "-c",
        'rpm2cpio "$1" | cpio -idm --quiet -D "$2"',
        "sh",
        built.path,
        other,
      ]);
      const reconcile = path.resolve("spec-templates/host/reconcile");
      await context.run("sh", [reconcile, "--quiet", "--root", other]);
      const expected = await listing(other);
      const found = await listing(host.paths.root);
      const files = Object.keys(expected).filter((entry) => !/ d /.test(entry));
      assert.ok(files.length >= 7, files.join("\n"));
      for (const entry of Object.keys(expected)) assert.equal(found[entry], expected[entry], entry);
    });
  }

  it("removes the folders that it made when it fails, and none that was there", async () => {
    await mkdir(host.paths.osinfoDir, { recursive: true });
    const folders = async (): Promise<string> => {
      const { stdout } = await context.run("find", [host.paths.root, "-type", "d"]);
      const ours = /\/virt-appliance\/(?:journal|locks)$|\/installing$/;
      return stdout
        .split("\n")
        .filter((line) => !ours.test(line))
        .sort()
        .join("\n");
    };
    const before = await folders();
    let made = "";
    const hook = {
      before: async (label: string): Promise<void> => {
        if (!label.startsWith("place ")) return;
        made = await folders();
        throw new ApplianceError("LIB_NO_SPACE", "full");
      },
    };
    await assert.rejects(web.install(await host.open(hook)), { code: "LIB_NO_SPACE" });
    assert.notEqual(made, before);
    assert.equal(await folders(), before);
  });

  it("makes an appliance that VMs are created from", async () => {
    await web.install(await open());
    const [base = ""] = await readdir(host.paths.baseDir);
    assert.equal(base, "web-appliance-1.0-1-system.qcow2");
    assert.equal((await stat(path.join(host.paths.baseDir, base))).mode & 0o777, 0o444);
    await assert.rejects(
      createVm(await open(), request({ start: false, networks: ["none"] })),
      // The test driver offers i686 alone; everything else suits.
      (error: unknown) => {
        assert.ok(error instanceof Error && "details" in error);
        assert.ok(Array.isArray(error.details));
        return error.details.length === 1 && String(error.details[0]).includes("x86_64");
      },
    );
  });

  it("installs a version once", async () => {
    await web.install(await open());
    const files = async (): Promise<ReadonlyMap<string, string>> =>
      // The text in a lock file names the process that held it last, and the time.
      new Map([...(await host.files())].filter(([name]) => !name.endsWith("/lock")));
    const before = await files();
    await assert.rejects(web.install(await open()), {
      code: "HOST_REFUSED",
      message: /^[\w.-]+: already installed$/,
    });
    assert.deepEqual(await files(), before);
  });
});
