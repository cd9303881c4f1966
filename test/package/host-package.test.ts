import assert from "node:assert/strict";
import { type HostTexts, type PackagePlan, planHostPackage } from "../../src/package/index.ts";
import { assertGolden } from "../support/golden.ts";

const texts: HostTexts = {
  reconcile: "reconcile",
  reconcileBases: "bases",
  reconcileFormats: "formats",
  reconcilePool: "pool",
  unit: "unit",
  preset: "preset",
  tmpfiles: "tmpfiles",
  settings: "settings",
  readme: "readme",
  license: "license",
  postScriptlet: "post",
  preunScriptlet: "preun",
  hookIn: "in",
  hookPostun: "postun",
  fedoraMinimal: "text",
};
const plan: PackagePlan = planHostPackage({
  version: "1.2",
  release: "3",
  texts,
  dateSeconds: 1_700_000_000,
});

describe("plan of the host package", () => {
  it("is as reviewed", async () => {
    await assertGolden(
      "package/virt-appliance-host.json",
      `${JSON.stringify(plan, undefined, 2)}\n`,
    );
  });

  it("hooks into catalogue and libvirt after a transaction, never before it", () => {
    assert.deepEqual(
      plan.fileTriggers.map(({ scope, event, paths }) => [scope, event, paths]),
      [
        ["transaction", "in", ["/usr/share/virt-appliance/catalog.d", "/etc/libvirt/storage"]],
        ["transaction", "postun", ["/usr/share/virt-appliance/catalog.d"]],
      ],
    );
  });

  it("owns no file of the pool, not even as a ghost", () => {
    const below = plan.entries.filter((entry) =>
      entry.path.startsWith("/var/lib/libvirt/images/appliances/base/"),
    );
    assert.deepEqual(below, []);
    assert.deepEqual(
      plan.entries.filter((entry) => entry.kind === "ghost"),
      [],
    );
  });

  it("keeps the site's settings", () => {
    const settings = plan.entries.find((entry) => entry.path.endsWith("/host.conf"));
    assert.deepEqual(settings?.attributes, ["config", "noreplace"]);
  });

  it("is not an image: dnf replaces it on upgrade", () => {
    assert.deepEqual(plan.provides, []);
  });

  it("owns every directory that it makes, and lists entries in order", () => {
    const paths = plan.entries.map((entry) => entry.path);
    assert.deepEqual(paths, [...paths].sort());
    for (const entry of plan.entries) {
      if (entry.kind !== "file") continue;
      const folder = entry.path.slice(0, entry.path.lastIndexOf("/"));
      const isSystem = folder.startsWith("/usr/lib/");
      assert.ok(isSystem || paths.includes(folder), folder);
    }
  });
});
