import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkBase } from "../../src/host/catalogue/base.ts";
import { findEntry, readAppliance, readCatalogue } from "../../src/host/catalogue/catalogue.ts";
import { checkRegistration } from "../../src/host/doctor/check-registration.ts";
import { planUninstall } from "../../src/host/install/plan-uninstall.ts";
import { listInstalledRecipes } from "../../src/site/index.ts";
import { addAppliance, type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";

/** Returns the advice of every place that knows of a package that is missing, damaged or in the way. */
async function advices(host: HostFixture): Promise<Readonly<Record<string, string>>> {
  const { paths } = host;
  const { catalogueDir } = paths;
  const found: Record<string, string> = {};
  const hintOf = async (place: string, work: () => unknown): Promise<void> => {
    await assert.rejects(
      async () => work(),
      (error: Error & { readonly hint?: string }) => {
        found[place] = error.hint ?? "";
        return true;
      },
    );
  };
  const catalogue = await readCatalogue(paths);
  const [entry] = catalogue.entries;
  const [base] = entry?.bases ?? [];
  assert.ok(entry !== undefined && base !== undefined);
  await hintOf("unknown", () => findEntry(catalogue, "other"));
  const state = {
    ...catalogue,
    payloads: "/p",
    parts: [{ path: "/p/x", owner: "web-1-1.noarch" }],
  };
  const installed = { id: "web-1-1", package: "web", versionRelease: "1-1" };
  await hintOf("uninstall", () => planUninstall({ ...state, installed }));
  await writeFile(path.join(entry.directory, "appliance.xml"), "<image/>");
  await hintOf("descriptor", () => readAppliance(entry));
  await rm(path.join(paths.baseDir, base.file), { force: true });
  found["base"] = (await checkBase(base, await host.open())).problem ?? "";
  await mkdir(path.join(catalogueDir, "bad-1-1"), { recursive: true });
  await writeFile(path.join(catalogueDir, "bad-1-1/recipe.json"), "{}");
  await hintOf("recipe", () => listInstalledRecipes(catalogueDir));
  await writeFile(path.join(catalogueDir, "bad-1-1/catalogue.json"), "{}");
  const findings = await checkRegistration(await host.open(), await readCatalogue(paths));
  found["doctor"] = findings.find(({ code }) => code === "catalogue-bad")?.todo ?? "";
  return found;
}

describe("advice about packages", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addAppliance(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it("is dnf's on a host with dnf", async () => {
    const { base, ...others } = await advices(host);
    assert.match(base ?? "", /is missing: run virt-appliance reconcile, or reinstall the package$/);
    assert.deepEqual(others, {
      unknown: "dnf install other-appliance, or virt-appliance install SOURCE",
      uninstall: "dnf remove web-1-1",
      descriptor: "reinstall the package",
      recipe: "reinstall the package",
      doctor: "reinstall the package",
    });
  });

  it("is about the image on a host that boots one, where dnf cannot help", async () => {
    await mkdir(path.join(host.paths.root, "run"), { recursive: true });
    await writeFile(path.join(host.paths.root, "run/ostree-booted"), "");
    const { base, ...others } = await advices(host);
    assert.match(base ?? "", /is missing: run virt-appliance reconcile, which reports/);
    const sound =
      "this host boots from an image: fix the package in the image, and boot the new image";
    assert.deepEqual(others, {
      unknown:
        "this host boots from an image: add the package other-appliance to the image, and boot the new image",
      uninstall: "this host boots from an image: boot an image without the package web-1-1",
      descriptor: sound,
      recipe: sound,
      doctor: sound,
    });
  });

  it("is written in one place", async () => {
    const src = fileURLToPath(new URL("../../src/", import.meta.url));
    const guilty: string[] = [];
    for (const name of await readdir(src, { recursive: true })) {
      if (!name.endsWith(".ts") || name === "lib/image-mode.ts" || name.startsWith("cli/help/"))
        continue;
      const text = await readFile(path.join(src, name), "utf8");
      if (/reinstall the package|["`]dnf (?:re)?install |["`]dnf remove /.test(text))
        guilty.push(name);
    }
    assert.deepEqual(guilty, []);
  });
});
