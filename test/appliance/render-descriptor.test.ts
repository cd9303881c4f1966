import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import {
  type Appliance,
  parseDescriptor,
  renderDescriptor,
  validateAppliance,
} from "../../src/appliance/index.ts";
import { testContext } from "../support/context.ts";
import { arbitraryAppliance } from "../fixtures/arbitrary-appliance.ts";
import { sampleDescriptor } from "../fixtures/sample-descriptor.ts";
import { withFolder } from "../support/temporary.ts";

const schema = fileURLToPath(new URL("../../docs/virt-appliance-descriptor.rng", import.meta.url));

/** Returns the appliance with every line set to 1, as the generated ones have it. */
function withoutLines(appliance: Appliance): Appliance {
  return {
    ...appliance,
    boots: appliance.boots.map((boot) => ({
      ...boot,
      drives: boot.drives.map((drive) => ({ ...drive, line: 1 })),
      line: 1,
    })),
    disks: appliance.disks.map((disk) => ({ ...disk, line: 1 })),
  };
}

function readBack(text: string): Appliance {
  const { appliance, problems } = parseDescriptor(text, "rendered");
  assert(appliance !== undefined, JSON.stringify(problems));
  return appliance;
}

describe("renderDescriptor", () => {
  it("gives back the very bytes of a canonical descriptor", () => {
    const { appliance, problems } = parseDescriptor(sampleDescriptor, "sample");
    assert.deepEqual(problems, []);
    assert(appliance !== undefined);
    assert.equal(renderDescriptor(appliance), sampleDescriptor);
  });

  it("declares the va namespace only if an element or attribute of it is used", () => {
    const appliance = readBack(sampleDescriptor);
    const plain: Appliance = {
      ...appliance,
      epoch: undefined,
      license: undefined,
      url: undefined,
      vendor: undefined,
      dateSeconds: undefined,
      packageList: undefined,
      parameters: [],
      minimumMemoryKiB: undefined,
      interfaces: [{ model: undefined }],
      firmware: undefined,
      osinfo: undefined,
      disks: appliance.disks.map((disk) => ({ ...disk, sizeBytes: 1024 * 1024 })),
    };
    assert(!renderDescriptor(plain).includes("va:"));
    assert.match(renderDescriptor({ ...plain, epoch: 0 }), /xmlns:va=.*va:epoch="0"/s);
  });

  it("can be read back as the same appliance, and rendered again as the same bytes", () => {
    fc.assert(
      fc.property(arbitraryAppliance, (appliance) => {
        assert.deepEqual(
          validateAppliance(appliance).filter((problem) => problem.severity === "error"),
          [],
        );
        const text = renderDescriptor(appliance);
        const again = readBack(text);
        assert.deepEqual(withoutLines(again), appliance);
        assert.equal(renderDescriptor(again), text);
      }),
      { numRuns: 200 },
    );
  });

  it(
    "validates against the schema, whatever the appliance, says xmllint",
    withFolder(async (folder) => {
      const samples = fc.sample(arbitraryAppliance, { numRuns: 80, seed: 7 });
      const files = samples.map((_, index) => path.join(folder, `${index}.xml`));
      await Promise.all(
        samples.map((appliance, index) =>
          writeFile(files[index] ?? "", renderDescriptor(appliance)),
        ),
      );
      const { run } = testContext();
      await run("xmllint", ["--noout", "--nonet", "--relaxng", schema, ...files]);
    }),
  );

  it("refuses text that XML cannot hold", () => {
    const appliance = { ...readBack(sampleDescriptor), label: "a\u0000b" };
    assert.throws(() => renderDescriptor(appliance), { code: "LIB_XML_CHARACTER" });
  });
});
