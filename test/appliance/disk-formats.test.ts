import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import {
  diskFormatNames,
  formatOfName,
  isHardDiskName,
  withoutImageSuffix,
} from "../../src/appliance/index.ts";

const docs = new URL("../../docs/", import.meta.url);

describe("the formats of disks", () => {
  it("are those of the schema, and of its page", async () => {
    const schema = await readFile(new URL("virt-appliance-descriptor.rng", docs), "utf8");
    const attribute = /<attribute name="format">([^]*?)<\/attribute>/.exec(schema)?.[1] ?? "";
    const values = [...attribute.matchAll(/<value>(\w+)<\/value>/g)].map((match) => match[1]);
    assert.deepEqual(values, diskFormatNames);
    const page = await readFile(new URL("descriptor.md", docs), "utf8");
    const item = /^- `format`:(.*)$/m.exec(page)?.[1] ?? "";
    assert.deepEqual(
      [...item.matchAll(/`(\w+)`/g)].map((match) => match[1]),
      diskFormatNames,
    );
  });

  const names = [
    { name: "root.raw", format: "raw", stem: "root", isHardDisk: true },
    { name: "root.QCOW2", format: "qcow2", stem: "root", isHardDisk: true },
    { name: "root.img", format: undefined, stem: "root", isHardDisk: true },
    { name: "root.vmdk.xz", format: undefined, stem: "root.vmdk.xz", isHardDisk: true },
    { name: "tools.iso", format: "iso", stem: "tools", isHardDisk: false },
    { name: "firmware.bin", format: undefined, stem: "firmware", isHardDisk: false },
    { name: "root.raw.txt/x", format: undefined, stem: "root.raw.txt/x", isHardDisk: false },
    { name: "vdi", format: undefined, stem: "vdi", isHardDisk: false },
  ] as const;
  for (const { name, format, stem, isHardDisk } of names) {
    it(`are told by the name ${name}`, () => {
      assert.equal(formatOfName(name), format);
      assert.equal(withoutImageSuffix(name), stem);
      assert.equal(isHardDiskName(name), isHardDisk);
    });
  }
});
