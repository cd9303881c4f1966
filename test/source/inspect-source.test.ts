import assert from "node:assert/strict";
import { truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { inspectSource } from "../../src/source/index.ts";
import { descriptorOf, noise, tar, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

/** A file of a tarball, without holes. */
const listed = (name: string, sizeBytes: number, virtualSizeBytes: number | undefined) => ({
  path: name,
  sizeBytes,
  absolutePath: undefined,
  allocatedBytes: sizeBytes,
  virtualSizeBytes,
});

describe("inspecting a source", () => {
  it(
    "reports the allocated size of disks and the size that the VM sees",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(
        web,
        descriptorOf([{ file: "a.raw" }, { file: "b.qcow2", format: "qcow2" }]),
        { "a.raw": noise(MIB) },
      );
      await truncate(path.join(web, "a.raw"), 50 * MIB);
      const qcow2 = ["create", "-q", "-f", "qcow2", path.join(web, "b.qcow2"), "64M"];
      await testContext().run("qemu-img", qcow2);
      await tar("-C", folder, "-cSf", `${web}.tar`, "web");
      for (const source of [web, `${web}.tar`]) {
        const { files } = await inspectSource(source, testContext());
        const [raw, image] = files;
        assert.deepEqual([raw?.sizeBytes, raw?.virtualSizeBytes], [50 * MIB, 50 * MIB]);
        const taken = raw?.allocatedBytes ?? 0;
        assert.ok(taken >= MIB && taken < 2 * MIB, `${source}: ${taken}`);
        assert.equal(image?.virtualSizeBytes, 64 * MIB);
        assert.ok(image.allocatedBytes < MIB);
      }
    }),
  );

  it(
    "returns the valid parts of a descriptor with errors",
    withFolder(async (folder) => {
      const text = descriptorOf([{ file: "a.raw" }]);
      const bad = [
        text.replace(/<memory>\d+/, "<memory>-1"),
        text.replace('"a.raw"', '"/a.raw"'),
        text.replace(/<domain>[^]*<\/domain>/, ""),
      ];
      for (const each of bad) {
        await writeAppliance(folder, each, { "a.raw": noise(MIB) });
        const { appliance, understood, problems } = await inspectSource(folder, testContext());
        assert.equal(appliance, undefined);
        assert.ok(problems.some(({ severity }) => severity === "error"));
        assert.equal(understood?.name, "web");
        assert.equal(understood.disks.length, 1);
      }
    }),
  );

  it(
    "skips the disks of an uncompressed tarball and finds the files after them",
    withFolder(async (folder) => {
      await writeAppliance(
        folder,
        descriptorOf([{ file: "a.raw" }, { file: "b.raw", use: "data", sizeMib: 7 }]),
        {
          "a.raw": noise(5 * MIB + 512),
          "b.raw": noise(7 * MIB),
          README: "read me",
        },
      );
      const archive = path.join(folder, "web.tar");
      const members = ["a.raw", "b.raw", "README", "appliance.xml"];
      await tar("-C", folder, "-cf", archive, ...members);
      const inspection = await inspectSource(archive, testContext());
      assert.deepEqual(inspection.problems, []);
      assert.deepEqual(inspection.files, [
        listed("README", 7, undefined),
        listed("a.raw", 5 * MIB + 512, 5 * MIB + 512),
        listed("b.raw", 7 * MIB, 7 * MIB),
      ]);
      for (const end of [4 * MIB, 9 * MIB]) {
        await truncate(archive, end);
        await assert.rejects(inspectSource(archive, testContext()), (error) => {
          assert.ok(error instanceof ApplianceError);
          assert.equal(error.code, "LIB_TAR_TRUNCATED");
          assert.match(error.message, new RegExp(`archive ends at byte ${end} `));
          return true;
        });
        await tar("-C", folder, "-cf", archive, ...members);
      }
    }),
  );

  it(
    "returns problems instead of throwing, and writes nothing",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf([{ file: "missing.raw" }]));
      const { appliance, problems } = await inspectSource(web, testContext());
      assert.equal(appliance?.name, "web");
      assert.deepEqual(
        problems.map(({ severity, code }) => [severity, code]),
        [["error", "disk-missing"]],
      );
      await writeFile(path.join(web, "appliance.xml"), "<image>");
      const broken = await inspectSource(path.join(web, "appliance.xml"), testContext());
      assert.equal(broken.appliance, undefined);
      assert.ok(broken.problems.some(({ code }) => code === "not-well-formed"));
      assert.deepEqual(await namesIn(web), ["appliance.xml"]);
    }),
  );

  it(
    "distinguishes a libvirt domain from a descriptor",
    withFolder(async (folder) => {
      const file = path.join(folder, "vm.xml");
      await writeFile(file, "<?xml version='1.0'?>\n<!-- a VM -->\n<domain type='kvm'/>");
      await assert.rejects(inspectSource(file, testContext()), (error) => {
        assert.ok(error instanceof ApplianceError);
        assert.equal(error.code, "SOURCE_NO_DESCRIPTOR");
        assert.match(error.hint ?? "", /libvirt domain vm\.xml with `virt-appliance init`/);
        return true;
      });
    }),
  );
});
