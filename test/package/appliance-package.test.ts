import assert from "node:assert/strict";
import type { Disk } from "../../src/appliance/index.ts";
import { ApplianceError } from "../../src/errors.ts";
import { packageArchOf, packageNameOf, shippedFileName } from "../../src/package/naming.ts";
import {
  type PackagePlan,
  type PlanInput,
  planNaming,
  planPackage,
  type ShippedDisk,
} from "../../src/package/index.ts";
import { assertGolden } from "../support/golden.ts";
import { sampleAppliance } from "../fixtures/sample-appliance.ts";

const GIB = 2 ** 30;
const appliance = sampleAppliance;
const shipped = (of: Disk): ShippedDisk => ({
  disk: of,
  name: `${of.id}.qcow2`,
  stagedPath: `${of.id}.qcow2`,
  unpack: { action: "link" },
  format: "qcow2",
  virtualSizeBytes: GIB,
});
const input: PlanInput = {
  appliance,
  disks: appliance.disks.slice(0, 2).map(shipped),
  kernel: undefined,
  initrd: undefined,
  documentation: [{ name: "README", stagedPath: "README", attribute: "readme" }],
  postScriptlet: "reconcile @PACKAGE@-@VR@\n",
  options: { buildTimeSeconds: 1_800_000_000 },
};

function textOf(plan: PackagePlan, suffix: string): string {
  const entry = plan.entries.find((candidate) => candidate.path.endsWith(suffix));
  assert.ok(entry?.kind === "file" && "text" in entry.source, suffix);
  return entry.source.text;
}

describe("planPackage", () => {
  it("gives the plan of an image package as it was reviewed", async () => {
    await assertGolden(
      "package/web-appliance.json",
      `${JSON.stringify(planPackage(input), undefined, 2)}\n`,
    );
  });

  it("gives the same plan for the same input", () => {
    assert.deepEqual(planPackage(input), planPackage(structuredClone(input)));
  });

  it("keeps versions side by side from the first release on", () => {
    assert.ok(
      planPackage(input).provides.some((relation) => relation.name === "installonlypkg(vm)"),
    );
  });

  it("puts version and release into every path that two versions could share", () => {
    const shared = planPackage(input).entries.filter(
      (entry) => !entry.path.includes("1.2-3") && entry.kind !== "directory",
    );
    assert.deepEqual(shared, []);
  });

  it("records the size of a scratch disk, and does not package it", () => {
    const plan = planPackage(input);
    assert.ok(!plan.entries.some((entry) => entry.path.includes("tmp")));
    assert.match(
      textOf(plan, "catalogue.json"),
      /"disk": "tmp",\s+"role": "scratch",\s+"virtualSizeBytes": 1073741824/,
    );
  });

  it("writes a list that shell can read: five fields a line, the writer to fill in size and digest", () => {
    const lines = textOf(planPackage(input), "unpack.list").trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split("\t").slice(0, 3)),
      [
        ["link", "root.qcow2", "web-appliance-1.2-3-root.qcow2"],
        ["link", "data.qcow2", "web-appliance-1.2-3-data.qcow2"],
      ],
    );
    assert.match(lines[0] ?? "", /@BYTES\(\/var.*root\.qcow2\)@\t@SHA256\(.*root\.qcow2\)@$/);
  });

  it("states the digest of the expanded disk where the host decompresses it, and requires zstd there", () => {
    const [root] = appliance.disks;
    assert.ok(root);
    const plan = planPackage({
      ...input,
      disks: [
        {
          ...shipped(root),
          name: "root.raw.zst",
          unpack: {
            action: "expand",
            targetName: "root.raw",
            expanded: { bytes: 42, sha256: "ab".repeat(32) },
          },
          format: "raw",
        },
      ],
    });
    assert.equal(
      textOf(plan, "unpack.list"),
      `expand\troot.raw.zst\tweb-appliance-1.2-3-root.raw\t42\t${"ab".repeat(32)}\n`,
    );
    assert.ok(plan.requires.some((relation) => relation.name === "zstd"));
  });

  it("takes build time from SOURCE_DATE_EPOCH, then the descriptor, then the clock", () => {
    const time = (options: PlanInput["options"], date: number | undefined): number =>
      planPackage({ ...input, options, appliance: { ...appliance, dateSeconds: date } })
        .buildTimeSeconds;
    assert.equal(time({ buildTimeSeconds: 3, sourceDateEpoch: 1 }, 2), 1);
    assert.equal(time({ buildTimeSeconds: 3 }, 2), 2);
    assert.equal(time({ buildTimeSeconds: 3 }, undefined), 3);
  });

  it("cannot be fooled by text of the descriptor that looks like a placeholder of the writer", () => {
    const label = '@SHA256(/etc/shadow)@ "bytes": "#1#"';
    const plan = planPackage({ ...input, appliance: { ...appliance, label, description: label } });
    const document = textOf(plan, "catalogue.json")
      .replace(/@BYTES\([^)]*\)@/g, "1")
      .replace(/@SHA256\(\/var[^)]*\)@/g, "x");
    const parsed: unknown = JSON.parse(document);
    assert.ok(typeof parsed === "object" && parsed !== null && "label" in parsed);
    assert.equal(parsed.label, label);
    assert.doesNotMatch(document, /@SHA256/);
  });

  it("says that a version is missing, and takes one from the builder", () => {
    const nameless = { ...appliance, version: undefined, release: undefined };
    assert.throws(
      () => planNaming(nameless, {}),
      (error) => error instanceof ApplianceError && error.code === "PLAN_NO_VERSION",
    );
    assert.equal(planNaming(nameless, { version: "7" }).versionRelease, "7-1");
  });
});

describe("a version or release that rpm cannot hold", () => {
  for (const value of [
    "a-b",
    "",
    "1 2",
    "1+2",
    "1/2",
    "1\n",
    ".1",
    "~1",
    "1..2",
    "x".repeat(151),
  ]) {
    it(`is refused before any work: "${value.slice(0, 20)}"`, () => {
      for (const options of [{ version: value }, { release: value }]) {
        assert.throws(
          () => planNaming(appliance, options),
          (error) => error instanceof ApplianceError && error.code === "PLAN_BAD_VERSION",
        );
      }
    });
  }
});

describe("package names", () => {
  it("end in -appliance exactly once", () => {
    assert.equal(packageNameOf("web"), "web-appliance");
    assert.equal(packageNameOf("web-appliance"), "web-appliance");
  });

  for (const [arches, expected] of [
    [["x86_64"], "x86_64"],
    [["i686"], "x86_64"],
    [["i686", "x86_64"], "x86_64"],
    [["aarch64"], "aarch64"],
    [["aarch64", "x86_64"], "noarch"],
  ] as const) {
    it(`are of ${expected} for boots of ${arches.join(" and ")}`, () => {
      const [boot] = appliance.boots;
      assert.ok(boot);
      const boots = arches.map((arch) => ({ ...boot, arch }));
      assert.equal(packageArchOf({ ...appliance, boots }), expected);
    });
  }

  for (const [file, extension, taken, expected] of [
    ["disks/root.raw", "qcow2", [], "disks-root.qcow2"],
    ["root.img", "qcow2", ["root.qcow2"], "root.img.qcow2"],
    ["root.img", "qcow2", ["root.qcow2", "root.img.qcow2"], "2-root.img.qcow2"],
    ["vmlinuz", undefined, [], "vmlinuz"],
    ["root.raw", "raw.zst", [], "root.raw.zst"],
    ["root", "qcow2", [], "root.qcow2"],
    ["web (1)@x\t.raw", "qcow2", [], "web__1__x_.qcow2"],
    ["-rf.raw", "qcow2", [], "_rf.qcow2"],
    ["..a.raw", undefined, [], "_.a.raw"],
    [`${"x".repeat(200)}.raw`, "raw.zst", [], `${"x".repeat(72)}.raw.zst`],
    [`${"x".repeat(200)}.qcow2`, undefined, [], `${"x".repeat(74)}.qcow2`],
  ] as const) {
    it(`of a file ${file} become ${expected}${taken.length > 0 ? " when others are taken" : ""}`, () => {
      assert.equal(shippedFileName(file, extension, new Set(taken)), expected);
    });
  }
});
