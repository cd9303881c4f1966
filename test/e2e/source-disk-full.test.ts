import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { openSource, packDirectory, unpackSource } from "../../src/source/index.ts";
import { descriptorOf, tar, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { namesIn, withSmallDisk } from "../support/temporary.ts";

const MIB = 1024 * 1024;

function isNoSpace(error: unknown): boolean {
  assert.ok(error instanceof ApplianceError, String(error));
  assert.equal(error.code, "LIB_NO_SPACE", error.message);
  assert.match(error.message, /no space left on the device/);
  return true;
}

describe("a full disk", () => {
  for (const options of [[], ["-z"], ["--zstd"]]) {
    it(
      `while an archive is spooled or unpacked leaves nothing: tar ${options.join(" ")}`,
      withSmallDisk(async (small, folder) => {
        await writeAppliance(path.join(folder, "web"), descriptorOf([{ file: "disk.raw" }]), {
          "disk.raw": randomBytes(12 * MIB),
        });
        const archive = path.join(folder, "web.tar");
        await tar(...options, "-C", folder, "-cf", archive, "web");
        const context = testContext({ temporaryFolder: small });
        await assert.rejects(openSource(archive, context), isNoSpace);
        assert.deepEqual(await namesIn(small), []);
        await assert.rejects(
          unpackSource(archive, path.join(small, "web"), { context }),
          isNoSpace,
        );
        assert.deepEqual(await namesIn(small), []);
      }),
    );
  }

  it(
    "does not stop a disk of zeros that is larger than it",
    withSmallDisk(async (small, folder) => {
      await writeAppliance(path.join(folder, "web"), descriptorOf([{ file: "disk.raw" }]), {
        "disk.raw": Buffer.alloc(40 * MIB),
      });
      const archive = path.join(folder, "web.tar");
      await tar("-C", folder, "-cf", archive, "web");
      await using source = await openSource(archive, testContext({ temporaryFolder: small }));
      assert.equal(source.files[0]?.sizeBytes, 40 * MIB);
    }),
  );

  for (const suffix of [".tar", ".tar.gz", ".tar.xz", ".tar.zst"]) {
    it(
      `while a ${suffix} is written leaves nothing`,
      withSmallDisk(async (small, folder) => {
        const web = path.join(folder, "web");
        await writeAppliance(web, descriptorOf([{ file: "disk.raw" }]), {
          "disk.raw": randomBytes(12 * MIB),
        });
        const output = path.join(small, `web${suffix}`);
        await assert.rejects(packDirectory(web, output, { context: testContext() }), isNoSpace);
        assert.deepEqual(await namesIn(small), []);
      }),
    );
  }
});
