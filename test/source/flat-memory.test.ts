import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { descriptorOf, tar, writeAppliance, writeSparse } from "../fixtures/appliance-folder.ts";
import { bundledChild } from "../support/bundled-child.ts";
import { testContext } from "../support/context.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;
const DISK_BYTES = 6 * 1024 * MIB;

/** What a disk of 6 GiB may take more than one of 1 MiB; test/e2e/memory.test.ts watches the program as a whole. */
const MOST_MORE_BYTES = 96 * MIB;

const program = fileURLToPath(new URL("../support/open-source-in-child.ts", import.meta.url));

interface Answer {
  readonly maxRssBytes: number;
  readonly files: readonly { readonly sizeBytes: number }[];
}

async function openInChild(archive: string, spool: string): Promise<Answer> {
  const args = [await bundledChild(program), archive, spool];
  const { stdout } = await testContext().run(process.execPath, args);
  return JSON.parse(stdout) as Answer;
}

async function packDisk(
  folder: string,
  disk: { readonly bytes: number; readonly pieces: readonly (readonly [number, Buffer])[] },
  options: readonly string[],
): Promise<string> {
  const web = path.join(folder, `web-${disk.bytes}`);
  await writeAppliance(web, descriptorOf([{ file: "disk.raw" }]));
  await writeSparse(path.join(web, "disk.raw"), disk.bytes, [...disk.pieces]);
  const archive = `${web}.tar`;
  await tar(...options, "-C", folder, "-cf", archive, path.basename(web));
  return archive;
}

describe("memory while a disk of 6 GiB with 48 MiB of data is spooled", () => {
  for (const options of [["-S"], ["-S", "-z"], ["-S", "--zstd"], ["-S", "--format=posix"]]) {
    it(
      `is that of a disk of 1 MiB: tar ${options.join(" ")}`,
      withFolder(async (folder) => {
        const pieces = Array.from(
          { length: 48 },
          (_, index) => [index * 128 * MIB + index, randomBytes(MIB)] as const,
        );
        const small = await packDisk(folder, { bytes: MIB, pieces: [] }, options);
        const large = await packDisk(folder, { bytes: DISK_BYTES, pieces }, options);
        const spool = path.join(folder, "spool");
        await mkdir(spool);
        const before = await openInChild(small, spool);
        const answer = await openInChild(large, spool);
        assert.equal(answer.files[0]?.sizeBytes, DISK_BYTES);
        const more = answer.maxRssBytes - before.maxRssBytes;
        assert.ok(more < MOST_MORE_BYTES, `${Math.round(more / MIB)} MiB more`);
        assert.deepEqual(await namesIn(spool), []);
      }),
    );
  }
});
