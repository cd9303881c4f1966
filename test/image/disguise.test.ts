import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { truncate } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import {
  compressRaw,
  examineFile,
  inspectImage,
  type StatedContent,
  refuseDisguise,
} from "../../src/image/index.ts";
import { testContext } from "../support/context.ts";
import { imageSamples } from "../fixtures/image-samples.ts";
import { isError } from "../support/is-error.ts";
import { makeRaw, patch } from "../fixtures/disk-images.ts";
import { openFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const stated: readonly StatedContent[] = ["raw", "iso", "kernel", "initrd"];

/** Returns what qemu-img takes a file for when it is not told; undefined: for plain bytes. */
async function guessOfQemu(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await run("qemu-img", ["info", "--output=json", file]);
    const format = /"format": "(\w+)",\s*"dirty-flag"/.exec(stdout)?.[1];
    return format === "raw" ? undefined : format;
  } catch {
    return "an image that is broken";
  }
}

describe("content that is another format than stated", () => {
  for (const { what, make, content } of imageSamples) {
    it(`is told: ${what}`, async () => {
      await using folder = await openFolder();
      const file = path.join(folder.path, "file");
      await make(file);
      const { detected } = await examineFile(file);
      assert.equal(detected, content);
      if ((await guessOfQemu(file)) !== undefined) assert.notEqual(detected, undefined);
      for (const each of stated) {
        const judge = (): void => refuseDisguise(detected, each, "web: x");
        if (detected === undefined || detected === each) judge();
        else assert.throws(judge, isError("IMAGE_FORMAT_MISMATCH", /web: x: .* is \w+ by its/));
      }
    });

    it(`goes into no iso and no raw.zst: ${what}`, async () => {
      await using folder = await openFolder();
      const file = path.join(folder.path, "file");
      await make(file);
      // What is made by tools need not end with a sector.
      await truncate(file, Math.ceil((await examineFile(file)).sizeBytes / 512) * 512);
      const detected = (await examineFile(file)).detected;
      const inspected = inspectImage(file, testContext(), { format: "iso" });
      if (detected === undefined || detected === "iso") await inspected;
      else await assert.rejects(inspected, isError("IMAGE_FORMAT_MISMATCH", /expected iso/));
      const to = path.join(folder.path, "raw.zst");
      const compressed = compressRaw({ from: file, to }, testContext());
      if (detected === undefined) await compressed;
      else await assert.rejects(compressed, isError("IMAGE_FORMAT_MISMATCH", /expected raw/));
    });
  }

  it("the start and the end of a large disk are searched, though they are apart", async () => {
    await using folder = await openFolder();
    const size = 3 * 1024 * 1024 + 512;
    const places = [
      [0, "QED\0"],
      [0x8001, "CD001"],
      [size - 512, "conectix"],
    ] as const;
    for (const [place, mark] of places) {
      const from = await makeRaw(path.join(folder.path, "disk.raw"), size);
      const to = path.join(folder.path, "disk.raw.zst");
      await compressRaw({ from, to }, testContext());
      await patch(from, place, Buffer.from(mark, "latin1"));
      await assert.rejects(
        compressRaw({ from, to: `${to}2` }, testContext()),
        isError("IMAGE_FORMAT_MISMATCH", /disk\.raw: the image is \w+ by its content/),
      );
    }
  });

  it("hints at what can be written instead", () => {
    const hint = (detected: "qcow2" | "qed", each: StatedContent): string => {
      try {
        refuseDisguise(detected, each, "x");
      } catch (error) {
        return (error as { hint?: string }).hint ?? "";
      }
      return "";
    };
    assert.match(hint("qcow2", "iso"), /^write format="qcow2" in the descriptor, or convert/);
    assert.match(hint("qed", "raw"), /^convert the image to raw, or build without --keep-raw/);
    assert.match(hint("qed", "kernel"), /^use the kernel itself$/);
  });
});
