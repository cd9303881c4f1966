import assert from "node:assert/strict";
import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { checkBase } from "../../src/host/catalogue/base.ts";
import { completeDomain } from "../../src/host/create/complete-domain.ts";
import { placeholderName } from "../../src/host/create/virt-install-arguments.ts";
import { hostPaths } from "../../src/host/access/paths.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import { testContext } from "../support/context.ts";
import { imageSamples } from "../fixtures/image-samples.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("a base whose content was unpacked as it is in the package", () => {
  const root = temporaryFolder({ per: "test" });
  for (const { what, content, isWhole, make } of imageSamples) {
    it(`is judged by what it is said to be: ${what}`, async () => {
      const paths = hostPaths(root);
      const file = path.join(paths.baseDir, "web-base");
      await mkdir(paths.baseDir, { recursive: true });
      await make(file);
      const { size: bytes } = await stat(file);
      const base = { file: "web-base", bytes, sha256: digestOf(await readFile(file)) };
      const problemAs = async (format?: "qcow2" | "raw" | "iso"): Promise<string | undefined> => {
        const stated = format === undefined ? base : { ...base, format };
        return (await checkBase(stated, { paths, context: testContext() })).problem;
      };
      const isPlain = content === undefined || content === "iso";
      const isDisk = content === "qcow2" && isWhole === true;
      for (const format of ["raw", "iso"] as const) {
        const problem = await problemAs(format);
        if (isPlain) assert.equal(problem, undefined);
        else assert.match(problem ?? "", /is \w+ by its content, expected .*; remove the package$/);
      }
      for (const format of ["qcow2", undefined] as const) {
        const problem = await problemAs(format);
        if (isPlain || isDisk) assert.equal(problem, undefined);
        else assert.match(problem ?? "", /^base .*web-base: .*; remove the package$/);
      }
    });
  }
});

describe("the domain of a VM", () => {
  it("states the format of each disk, also where virt-install printed none", () => {
    const disk = `<disk type="volume" device="disk"><source pool="p" name="${placeholderName(0)}"/><target dev="vda" bus="virtio"/></disk>`;
    const printed = `<domain><name>vm1</name><devices>${disk}</devices></domain>`;
    for (const format of ["raw", "qcow2", "iso"] as const) {
      const { xml } = completeDomain(printed, {
        disks: [{ kind: "copy", path: "/disks/vm1.img", format, base: undefined }],
        kernel: undefined,
        initrd: undefined,
        cmdline: undefined,
        consoleLog: "/log",
      });
      const type = format === "qcow2" ? "qcow2" : "raw";
      assert.match(xml, new RegExp(`<driver name="qemu" type="${type}"/><source file="/disks/vm1`));
      assert.match(xml, /<source file="\/disks\/vm1\.img"\/><backingStore\/><target/);
    }
  });
});
