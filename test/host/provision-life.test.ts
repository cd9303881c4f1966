import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { findSource } from "../../src/host/catalogue/find-source.ts";
import type { Host } from "../../src/host/host.ts";
import { faceOf } from "../../src/host/open-host.ts";
import { listAppliances } from "../../src/host/show/list-appliances.ts";
import { showRecipe } from "../../src/host/show/show-recipe.ts";
import type { UpdateRequest } from "../../src/host/update/update-request.ts";
import type { Run } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";
import { addAppliance } from "../fixtures/memory-host.ts";
import {
  openProvisionFixture,
  type ProvisionFixture,
  recipeRequest,
} from "../fixtures/provision-host.ts";

const update: UpdateRequest = {
  to: undefined,
  stopSeconds: undefined,
  start: "as-before",
  verify: undefined,
};

describe("a VM from a recipe", () => {
  let fixture: ProvisionFixture;
  let host: Host;
  beforeEach(async () => {
    fixture = await openProvisionFixture();
    await fixture.addRecipe();
    host = faceOf(await fixture.open());
    await host.provision(recipeRequest(fixture));
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  it("is listed and shown as any other", async () => {
    const { vms, problems } = await host.listVms();
    assert.deepEqual(problems, []);
    assert.deepEqual(
      vms.map(({ vm, appliance, version, available }) => [vm, appliance, version, available]),
      [["vm1", "small", "1.0", null]],
    );
    const { recipe, current } = await host.showVm("vm1");
    assert.equal(recipe?.module, "small");
    assert.equal(current.disks.length, 2);
  });

  it("grows, is exported as an appliance, and is destroyed", async () => {
    const disk = path.join(fixture.base.paths.diskDir, "vm1-pages.qcow2");
    await fixture.base.libvirt.stopDomain("vm1");
    await host.grow("vm1", "pages", { toBytes: 64 * 1024 * 1024 });
    const { stdout } = await testContext().run("qemu-img", ["info", disk]);
    assert.match(stdout, /virtual size: 64 MiB/);
    const folder = path.join(fixture.base.paths.root, "exported");
    await host.export("vm1", {
      folder,
      name: undefined,
      running: "refuse",
      stopSeconds: 1,
      start: false,
    });
    const names = await readdir(folder);
    assert.ok(names.includes("appliance.xml"), names.join(", "));
    assert.match(await readFile(path.join(folder, "appliance.xml"), "utf8"), /<boot /);
    await host.destroy("vm1", { data: "remove", running: "stop" });
    assert.deepEqual(await fixture.base.libvirt.listDomains(), []);
    assert.deepEqual(
      (await readdir(fixture.base.paths.diskDir)).filter((n) => n !== "appliances"),
      [],
    );
  });

  it("gives doctor nothing to complain about", async () => {
    const { findings } = await host.diagnose({ hash: "changed" });
    assert.deepEqual(
      findings.filter(({ subject }) => subject.includes("vm1") || subject.includes("small")),
      [],
    );
  });

  /** Returns what `update` says where rpm knows these packages. */
  async function updateSays(packages: Readonly<Record<string, string>>): Promise<ApplianceError> {
    const run: Run = async (file, args, options) => {
      if (file !== "rpm") return testContext().run(file, args, options);
      const found = packages[args.at(-1) ?? ""];
      return {
        exitCode: found === undefined ? 1 : 0,
        stdout: `${found ?? "not installed"}\n`,
        stderr: "",
      };
    };
    const opened = faceOf(await fixture.open({ context: { run } }));
    try {
      await opened.plan.update("vm1", update);
    } catch (error) {
      assert.ok(error instanceof ApplianceError);
      return error;
    }
    return assert.fail("it was not refused");
  }

  it("is updated by its module, whose version is told where it is known", async () => {
    const known = await updateSays({ "small-appliance-puppet": "small-appliance-puppet-1.1-1" });
    assert.equal(known.code, "HOST_REFUSED");
    assert.match(
      known.message,
      /vm1: was installed from the recipe small 1.0-1; update its Puppet module/,
    );
    assert.match(
      known.details.join("\n"),
      /at installation: 1.0.0\n.*this host: small-appliance-puppet-1.1-1/,
    );
    const unknown = await updateSays({});
    assert.match(unknown.details.join("\n"), /small-appliance-puppet on this host: unknown/);
  });

  it("is left alone when all VMs are updated", async () => {
    await addAppliance(fixture.base);
    const outcomes = await host.updateAll({
      ...update,
      name: undefined,
      accept: false,
      maxParallel: 1,
    });
    assert.deepEqual(
      outcomes.map(({ vm, outcome }) => [vm, outcome]),
      [["vm1", "current"]],
    );
  });
});

describe("names of images and recipes", () => {
  let fixture: ProvisionFixture;
  beforeEach(async () => {
    fixture = await openProvisionFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  it("mean the one that is there, and the image when both are", async () => {
    await fixture.addRecipe({ name: "web" });
    const { paths } = fixture.base;
    for (const name of ["web", "web-1.0", "web-recipe", "web-appliance-recipe-1.0-1"])
      assert.deepEqual(await findSource(paths, name), { kind: "recipe", note: undefined });
    await addAppliance(fixture.base);
    assert.deepEqual(await findSource(paths, "web-recipe"), { kind: "recipe", note: undefined });
    assert.deepEqual(await findSource(paths, "web"), {
      kind: "image",
      note: "web: uses the image web-appliance-1.0-1; to use the recipe web-appliance-recipe-1.0-1, name it web-appliance-recipe",
    });
    await assert.rejects(findSource(paths, "mail"), (error) => {
      assert.ok(error instanceof ApplianceError);
      assert.equal(error.code, "HOST_UNKNOWN_APPLIANCE");
      assert.deepEqual(error.details, ["web-1.0-1", "web-appliance-recipe-1.0-1"]);
      return true;
    });
  });

  it("are listed, images first", async () => {
    await fixture.addRecipe({ name: "web" });
    await addAppliance(fixture.base);
    const { appliances } = await listAppliances(fixture.base.paths);
    assert.deepEqual(
      appliances.map(({ kind, package: name, arch, ready }) => [kind, name, arch, ready]),
      [
        ["image", "web-appliance", "x86_64", true],
        ["recipe", "web-appliance-recipe", "noarch", true],
      ],
    );
    const broken = path.join(fixture.base.paths.catalogueDir, "bad-appliance-recipe-1-1");
    await mkdir(broken);
    await writeFile(path.join(broken, "recipe.json"), "{}");
    const { appliances: images, problems } = await listAppliances(fixture.base.paths);
    assert.equal(images.length, 1);
    assert.match(
      problems.join("\n"),
      /bad-appliance-recipe-1-1\/recipe.json: catalogue entry is corrupt/,
    );
  });

  it("show parameters with their values and where those are from", async () => {
    await fixture.addRecipe();
    await fixture.answer("recipes/small.yaml", "token: word\ncolour: green\n");
    await mkdir(path.join(fixture.base.paths.settingsDir, "parameters.d"));
    assert.ok((await stat(fixture.base.paths.settingsDir)).isDirectory());
    const { parameters, problems, disks, module, tree } = await showRecipe(
      await fixture.open(),
      "small",
    );
    const file = path.join(fixture.base.paths.settingsDir, "recipes/small.yaml");
    assert.deepEqual(
      parameters.map(({ name, value, origin }) => [name, value, origin]),
      [
        ["hub", null, null],
        ["colour", "green", file],
        ["token", null, file],
      ],
    );
    assert.match(problems.join("\n"), /hub: required/);
    assert.deepEqual([disks.length, module.name, tree], [2, "small", null]);
  });
});
