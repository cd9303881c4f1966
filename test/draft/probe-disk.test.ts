import assert from "node:assert/strict";
import path from "node:path";
import { isDiskFormat } from "../../src/appliance/index.ts";
import { probeDisk } from "../../src/draft/probe-disk.ts";
import { imageSamples } from "../fixtures/image-samples.ts";
import { withFolder } from "../support/temporary.ts";

describe("the format that init tells of a disk", () => {
  for (const { what, content = "raw", make } of imageSamples) {
    it(
      `is what build tells: ${what}`,
      withFolder(async (folder) => {
        const file = path.join(folder, "disk");
        await make(file);
        const probe = await probeDisk(file);
        assert.equal(probe?.format, isDiskFormat(content) ? content : undefined);
      }),
    );
  }

  const inParts = [
    "a qcow2 on a file of the host",
    "a qcow2 whose data is a file of the host",
    "the text of a VMDK",
  ];
  for (const { what, make } of imageSamples.filter((sample) => inParts.includes(sample.what))) {
    it(
      `comes with what is in another file: ${what}`,
      withFolder(async (folder) => {
        const file = path.join(folder, "disk");
        await make(file);
        assert.equal((await probeDisk(file))?.hasBackingFile, true);
      }),
    );
  }
});
