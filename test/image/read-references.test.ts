import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { readReferences } from "../../src/image/index.ts";
import { ApplianceError } from "../../src/errors.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("readReferences", () => {
  const folder = temporaryFolder();
  const at = (name: string): string => path.join(folder, name);
  const create = async (name: string, ...args: readonly string[]): Promise<string> => {
    await testContext().run("qemu-img", ["create", "-q", "-u", ...args, at(name), "1M"]);
    return at(name);
  };

  it("reads the backing file of every format that can have one", async () => {
    for (const format of ["qcow2", "qcow", "qed"] as const) {
      const backing = `/somewhere/ba se-${"é".repeat(30)}.img`;
      const file = await create(`${format}.img`, "-f", format, "-b", backing, "-F", "raw");
      const said = format === "qcow2" ? { backingFormat: "raw" } : {};
      assert.deepEqual(await readReferences(file), { format, names: [backing], ...said });
      const alone = await create(`${format}-alone.img`, "-f", format);
      assert.deepEqual(await readReferences(alone), { format, names: [] });
    }
  });

  it("reads a qcow2 of version 2, and one with tiny clusters", async () => {
    for (const options of ["compat=0.10", "cluster_size=512"]) {
      const args = ["-f", "qcow2", "-o", options, "-b", "base.img", "-F", "qcow2"];
      const file = await create("old.qcow2", ...args);
      assert.deepEqual((await readReferences(file)).names, ["base.img"]);
    }
  });

  it("reads the data file of a qcow2", async () => {
    const file = await create("outer.qcow2", "-f", "qcow2", "-o", `data_file=${at("outer.raw")}`);
    assert.deepEqual((await readReferences(file)).names, [at("outer.raw")]);
  });

  it("reads parent and extents of a VMDK, but not its own name", async () => {
    await create("parent.vmdk", "-f", "vmdk");
    assert.deepEqual(await readReferences(at("parent.vmdk")), { format: "vmdk", names: [] });
    await writeFile(
      at("flat.vmdk"),
      '# Disk DescriptorFile\nparentFileNameHint="p.vmdk"\nRW 2048 FLAT "flat.raw" 0\n',
    );
    assert.deepEqual((await readReferences(at("flat.vmdk"))).names, ["p.vmdk", "flat.raw"]);
  });

  it("finds no reference in plain bytes, and reports a missing file", async () => {
    await writeFile(at("raw"), "plain");
    assert.deepEqual(await readReferences(at("raw")), { format: undefined, names: [] });
    assert.deepEqual(await readReferences(folder), { format: undefined, names: [] });
    await assert.rejects(readReferences(at("nothing")), { code: "LIB_IO" });
  });

  it("refuses damaged headers, and never anything else", async () => {
    const magics = ["514649fb00000002", "514649fb00000003", "514649fb00000001", "51454400"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...magics),
        fc.uint8Array({ maxLength: 300 }),
        async (magic, rest) => {
          await writeFile(at("bad"), Buffer.concat([Buffer.from(magic, "hex"), rest]));
          await readReferences(at("bad")).catch((error: unknown) => {
            assert.ok(error instanceof ApplianceError, String(error));
            assert.equal(error.code, "IMAGE_CORRUPT");
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});
