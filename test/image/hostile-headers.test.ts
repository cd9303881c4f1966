import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { ApplianceError } from "../../src/errors.ts";
import { inspectHeader } from "../../src/image/inspect-header.ts";
import { qemuImg } from "../fixtures/disk-images.ts";
import { openFolder } from "../support/temporary.ts";

const patches = fc.array(
  fc.record({
    offset: fc.oneof(fc.nat(128), fc.nat(1024)),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  }),
  { minLength: 1, maxLength: 6 },
);

describe("headers with any bytes in them", () => {
  for (const format of ["qcow", "qcow2", "vmdk", "vdi"] as const) {
    it(`of ${format} are taken or refused, and never a crash`, async () => {
      await using folder = await openFolder();
      const file = path.join(folder.path, "image");
      await qemuImg("create", "-q", "-f", format, file, "1M");
      const sound = (await readFile(file)).subarray(0, 128 * 1024);
      await fc.assert(
        fc.asyncProperty(patches, fc.nat(2048), async (changes, cut) => {
          const bytes = Buffer.from(sound);
          for (const change of changes) Buffer.from(change.bytes).copy(bytes, change.offset);
          // The magic number is kept, or all would be refused for that alone.
          sound.copy(bytes, 0, 0, 4);
          await writeFile(file, cut < 1024 ? bytes.subarray(0, cut) : bytes);
          await inspectHeader(file, format).catch((error: unknown) => {
            if (!(error instanceof ApplianceError)) throw error;
          });
        }),
        { numRuns: 200 },
      );
    });
  }
});
