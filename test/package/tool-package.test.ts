import assert from "node:assert/strict";
import {
  type PackagePlan,
  type PlannedEntry,
  planToolPackage,
  type ToolPackageInput,
} from "../../src/package/index.ts";
import { assertGolden } from "../support/golden.ts";

const input: ToolPackageInput = {
  version: "1.2",
  release: "3",
  dateSeconds: 1_700_000_000,
  texts: {
    launcher: "launcher",
    completion: "completion",
    gcService: "gc service",
    gcTimer: "gc timer",
    recoverService: "recover",
    preset: "preset",
    license: "license",
    thirdParty: "third party",
    postScriptlet: "post",
    preunScriptlet: "preun",
  },
  stagedManPage: "virt-appliance.1.gz",
  program: {
    "dist/bundle/main.js": "main",
    "package.json": "{}",
    "spec-templates/host/reconcile": "#!/bin/sh\n",
  },
  libraries: [
    { name: "@a/b", version: "1.0.0", license: "MIT" },
    { name: "c", version: "2.0.0", license: "MIT OR ISC" },
    { name: "d", version: "3.0.0-beta.1", license: "Apache-2.0" },
  ],
};
const plan: PackagePlan = planToolPackage(input);

function entry(path: string): PlannedEntry | undefined {
  return plan.entries.find((one) => one.path === path);
}

describe("plan of the command line's package", () => {
  it("is as reviewed", async () => {
    await assertGolden("package/virt-appliance.json", `${JSON.stringify(plan, undefined, 2)}\n`);
  });

  it("names the bundled libraries and the licences of the whole", () => {
    assert.deepEqual(
      plan.provides.map(({ name, comparison, version }) => [name, comparison, version]),
      [
        ["bundled(npm(@a/b))", "=", "1.0.0"],
        ["bundled(npm(c))", "=", "2.0.0"],
        ["bundled(npm(d))", "=", "3.0.0-beta.1"],
      ],
    );
    assert.equal(plan.license, "Apache-2.0 AND MIT AND (MIT OR ISC)");
  });

  it("needs node and the host package of its version, and recommends what hosts alone need", () => {
    const host = { name: "virt-appliance-host", comparison: ">=", version: "1.2" };
    assert.deepEqual(plan.requires.at(-1), host);
    assert.ok(plan.requires.some(({ name }) => name === "/usr/bin/node"));
    const weak = plan.recommends.map(({ name }) => name);
    assert.ok(weak.includes("libvirt-client") && weak.includes("virt-install"));
  });

  it("leaves what belongs to the host package to it", () => {
    const paths = plan.entries.map(({ path }) => path);
    for (const path of ["/etc/virt-appliance", "/usr/share/virt-appliance", "/var"]) {
      assert.ok(!paths.some((one) => one === path || one.startsWith("/var/")), path);
    }
  });

  it("lets run what is a script, and nothing else", () => {
    const executable = plan.entries.filter((one) => one.kind === "file" && one.mode === 0o755);
    assert.deepEqual(
      executable.map(({ path }) => path),
      ["/usr/bin/virt-appliance", "/usr/share/virt-appliance/cli/spec-templates/host/reconcile"],
    );
  });

  it("links licences to where the program reads them", () => {
    const links = plan.entries.filter((one) => one.kind === "symlink");
    for (const link of links) {
      const target = new URL(link.target, `file://${link.path}`).pathname;
      assert.deepEqual(entry(target)?.attributes, ["license"], target);
    }
    assert.equal(links.length, 2);
  });

  it("owns every directory that it makes, and lists entries in order", () => {
    const paths = plan.entries.map(({ path }) => path);
    assert.deepEqual(paths, [...paths].sort());
    for (const { kind, path } of plan.entries) {
      const folder = path.slice(0, path.lastIndexOf("/"));
      if (kind !== "directory" && folder.startsWith("/usr/share/virt-appliance")) {
        assert.equal(entry(folder)?.kind, "directory", folder);
      }
    }
  });
});
