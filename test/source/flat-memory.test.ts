import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { descriptorOf, tar, writeAppliance, writeSparse } from "../support/appliance-fixture.ts";
import { testContext } from "../support/context.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;
const DISK_BYTES = 6 * 1024 * MIB;

/** What our own process may take, whatever the size of the disks. */
const MAX_RSS_BYTES = 200 * MIB;

const program = fileURLToPath(new URL("../support/open-source-in-child.ts", import.meta.url));

interface Answer {
  readonly maxRssBytes: number;
  readonly files: readonly { readonly sizeBytes: number }[];
}

describe("memory while a disk of 6 GiB with 48 MiB of data is spooled", () => {
  for (const options of [["-S"], ["-S", "-z"], ["-S", "--zstd"], ["-S", "--format=posix"]]) {
    it(
      `stays below 200 MiB: tar ${options.join(" ")}`,
      withFolder(async (folder) => {
        const web = path.join(folder, "web");
        await writeAppliance(web, descriptorOf([{ file: "disk.raw" }]));
        const pieces = Array.from(
          { length: 48 },
          (_, index) => [index * 128 * MIB + index, randomBytes(MIB)] as const,
        );
        await writeSparse(path.join(web, "disk.raw"), DISK_BYTES, pieces);
        const archive = path.join(folder, "web.tar");
        await tar(...options, "-C", folder, "-cf", archive, "web");
        const spool = path.join(folder, "spool");
        await mkdir(spool);
        const args = ["--import", "tsx", program, archive, spool];
        const { stdout } = await testContext().run(process.execPath, args);
        const answer: Answer = JSON.parse(stdout);
        assert.equal(answer.files[0]?.sizeBytes, DISK_BYTES);
        const used = Math.round(answer.maxRssBytes / MIB);
        assert.ok(answer.maxRssBytes < MAX_RSS_BYTES, `${used} MiB`);
        assert.deepEqual(await namesIn(spool), []);
      }),
    );
  }
});
