import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { findEntry, readCatalogue } from "../../src/host/catalogue/catalogue.ts";
import { parseCatalogueEntry } from "../../src/host/catalogue/catalogue-entry.ts";
import { parseSettings } from "../../src/host/access/settings.ts";
import { findDescriptor } from "../../src/host/show/find-descriptor.ts";
import { listAppliances } from "../../src/host/show/list-appliances.ts";
import { showAppliance } from "../../src/host/show/show-appliance.ts";
import { addAppliance, type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";

describe("catalogue", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    for (const version of ["1.9", "1.10", "1.10~rc1"]) await addAppliance(host, { version });
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it("lists versions as rpm orders them, newest first", async () => {
    const catalogue = await readCatalogue(host.paths);
    const { entries, problems } = catalogue;
    assert.deepEqual(
      entries.map((entry) => entry.version),
      ["1.10", "1.10~rc1", "1.9"],
    );
    assert.deepEqual(problems, []);
    assert.equal(findEntry(catalogue, "web").version, "1.10");
  });

  it("knows the descriptor of each name, image or recipe", async () => {
    const recipe = path.join(host.paths.catalogueDir, "shop-recipe-2-1");
    await mkdir(recipe);
    const facts = { name: "shop", package: "shop-recipe", version: "2", release: "1", label: "S" };
    await writeFile(path.join(recipe, "recipe.json"), JSON.stringify({ schema: 1, ...facts }));
    for (const [wanted, folder] of [
      ["web", "web-appliance-1.10-1"],
      ["web-1.9", "web-appliance-1.9-1"],
      ["shop-recipe", "shop-recipe-2-1"],
      ["other", undefined],
    ] as const) {
      const found = await findDescriptor(host.paths, wanted);
      const expected = folder && path.join(host.paths.catalogueDir, folder, "appliance.xml");
      assert.equal(found, expected, wanted);
    }
  });

  it("is empty on a host without appliances", async () => {
    await rm(host.paths.catalogueDir, { recursive: true });
    assert.deepEqual(await readCatalogue(host.paths), {
      entries: [],
      problems: [],
      isImageMode: false,
    });
  });

  it("names entries that cannot be read, and goes on with the others", async () => {
    const folder = path.join(host.paths.catalogueDir, "bad-appliance-1-1");
    await mkdir(folder);
    await writeFile(path.join(folder, "catalogue.json"), '{"schema":1}');
    await mkdir(path.join(host.paths.catalogueDir, "web-appliance-recipe-1-1"));
    const { entries, problems } = await readCatalogue(host.paths);
    assert.equal(entries.length, 3);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /bad-appliance-1-1\/catalogue.json: name is not text/);
  });

  it("refuses bases outside of the pool, and what is not a digest", async () => {
    const file = path.join(host.paths.catalogueDir, "web-appliance-1.9-1", "catalogue.json");
    const text = await readFile(file, "utf8");
    const at = { directory: path.dirname(file), file };
    for (const [from, to] of [
      [/"web-appliance-1.9-1-data.raw"/, '"../../etc/shadow"'],
      [/"web-appliance-1.9-1-data.raw"/, '"folder/file"'],
      [/"sha256":"[0-9a-f]{64}"/, '"sha256":"0"'],
      [/"role":"data"/, '"role":"other"'],
      [/"schema":1/, '"schema":2'],
      [/^\{/, "["],
    ] as const) {
      assert.match(text, from);
      assert.throws(() => parseCatalogueEntry(text.replace(from, to), at));
    }
  });

  it("says which appliances are ready", async () => {
    await rm(path.join(host.paths.baseDir, "web-appliance-1.9-1-data.raw"));
    const { appliances } = await listAppliances(host.paths);
    assert.deepEqual(
      appliances.map(({ version, ready }) => [version, ready]),
      [
        ["1.10", true],
        ["1.10~rc1", true],
        ["1.9", false],
      ],
    );
  });

  it("shows an appliance with its disks, and with what is wrong", async () => {
    await rm(path.join(host.paths.baseDir, "web-appliance-1.9-1-data.raw"));
    const details = await showAppliance(await host.open(), "web-1.9");
    assert.deepEqual(
      details.disks.map(({ id, role, base }) => [id, role, base]),
      [
        ["system", "system", "web-appliance-1.9-1-system.qcow2"],
        ["data", "data", "web-appliance-1.9-1-data.raw"],
        ["scratch", "scratch", null],
      ],
    );
    assert.deepEqual(details.otherVersions, ["1.10-1", "1.10~rc1-1"]);
    assert.equal(details.problems.length, 1);
  });
});

describe("host settings", () => {
  it("take plain values and pass over the rest", () => {
    const text = [
      "# a comment",
      "BASE_DIR=/srv/appliances/base",
      "POOL_NAME=golden",
      "LIBVIRT_URI=qemu:///system",
      "OTHER=x",
    ].join("\n");
    assert.deepEqual(parseSettings(text), {
      baseDir: "/srv/appliances/base",
      poolName: "golden",
      libvirtUri: "qemu:///system",
    });
    for (const line of [
      "BASE_DIR=relative",
      "BASE_DIR=/a/../b",
      "BASE_DIR=/a//b",
      "BASE_DIR=/a/",
      "BASE_DIR=/$(reboot)",
      "POOL_NAME=a b",
      "LIBVIRT_URI=",
      'BASE_DIR="/srv"',
      "constructor=x",
    ])
      assert.deepEqual(parseSettings(line), parseSettings(""), line);
  });
});
