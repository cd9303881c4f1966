import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { openSource, packDirectory, unpackSource } from "../../src/source/index.ts";
import {
  descriptorOf,
  noise,
  runTool,
  sha256Of,
  tar,
  writeAppliance,
  writeSparse,
} from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { isError } from "../support/is-error.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

/** An appliance with a disk of each role, one ending in a hole, and files of every kind. */
async function writeWeb(folder: string): Promise<void> {
  await writeAppliance(
    folder,
    descriptorOf(
      [
        { file: "disks/system.raw" },
        { file: "data.raw", use: "data" },
        { file: "tmp.raw", use: "scratch" },
        { file: "cd.iso", format: "iso" },
      ],
      { kernel: "vmlinuz" },
    ),
    {
      "cd.iso": noise(10_240, "cd"),
      vmlinuz: noise(5000, "kernel"),
      README: "read me",
      "notes.txt": "private",
      [`${"long".repeat(20)}/${"name".repeat(20)}.txt`]: "left out",
    },
  );
  await writeSparse(path.join(folder, "disks/system.raw"), 30 * MIB + 512, [
    [MIB, noise(70_000)],
    [20 * MIB + 3, noise(9)],
  ]);
  await writeSparse(path.join(folder, "data.raw"), 4 * MIB, []);
  await writeSparse(path.join(folder, "tmp.raw"), 3 * MIB, [[0, noise(5000)]]);
}

describe("packing an appliance folder", () => {
  for (const suffix of [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst"]) {
    it(
      `gives the same ${suffix} each time, which GNU tar and we unpack byte-exact and sparse`,
      withFolder(async (folder) => {
        const web = path.join(folder, "web");
        await writeWeb(web);
        const [first, second] = [path.join(folder, `a${suffix}`), path.join(folder, `b${suffix}`)];
        const context = testContext();
        const { appliance, problems } = await packDirectory(web, first, { context });
        await utimes(path.join(web, "cd.iso"), 1, 1);
        await packDirectory(web, second, { context });
        assert.ok((await readFile(first)).equals(await readFile(second)));
        assert.deepEqual(problems.filter(({ code }) => code === "file-unexpected").length, 2);

        const gnu = path.join(folder, "gnu");
        await mkdir(gnu);
        await tar("-C", gnu, "-xf", first);
        const ours = path.join(folder, "ours");
        await unpackSource(first, ours, { context });
        for (const unpacked of [path.join(gnu, "web-1.0"), ours]) {
          assert.deepEqual(await namesIn(unpacked), [
            "README",
            "appliance.xml",
            "cd.iso",
            "data.raw",
            "disks",
            "vmlinuz",
          ]);
          for (const name of ["README", "cd.iso", "data.raw", "disks/system.raw", "vmlinuz"]) {
            const [actual, expected] = [path.join(unpacked, name), path.join(web, name)];
            assert.ok((await readFile(actual)).equals(await readFile(expected)), name);
          }
          const { blocks } = await stat(path.join(unpacked, "disks/system.raw"));
          assert.ok(blocks * 512 < 200_000, `${blocks} blocks`);
          assert.equal((await stat(path.join(unpacked, "data.raw"))).blocks, 0);
        }
        const system = appliance.disks[0];
        assert.equal(system?.sizeBytes, 30 * MIB + 512);
        const digest = sha256Of(await readFile(path.join(web, "disks/system.raw")));
        assert.deepEqual(system.checksums, [{ type: "sha256", value: digest }]);
        const scratch = appliance.disks[2];
        assert.deepEqual([scratch?.sizeBytes, scratch?.checksums], [3 * MIB, []]);
        await using source = await openSource(first, context);
        assert.deepEqual(
          source.appliance.disks.map(({ sizeBytes }) => sizeBytes),
          [30 * MIB + 512, 4 * MIB, 3 * MIB, 10_240],
        );
      }),
    );
  }

  it(
    "lists members sorted, the descriptor first, all root's and of one time",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeWeb(web);
      const archive = path.join(folder, "web.tar");
      await packDirectory(web, archive, { context: testContext(), dateSeconds: 5_000_000_000 });
      const listing = await tar("--utc", "--full-time", "-tvf", archive);
      assert.deepEqual(
        listing
          .trim()
          .split("\n")
          .map((line) => line.replace(/ +/g, " ")),
        [
          "drwxr-xr-x root/root 0 2128-06-11 08:53:20 web-1.0/",
          `-rw-r--r-- root/root ${(await tar("-xOf", archive, "web-1.0/appliance.xml")).length} 2128-06-11 08:53:20 web-1.0/appliance.xml`,
          "drwxr-xr-x root/root 0 2128-06-11 08:53:20 web-1.0/disks/",
          "-rw-r--r-- root/root 7 2128-06-11 08:53:20 web-1.0/README",
          "-rw-r--r-- root/root 10240 2128-06-11 08:53:20 web-1.0/cd.iso",
          "-rw-r--r-- root/root 4194304 2128-06-11 08:53:20 web-1.0/data.raw",
          "-rw-r--r-- root/root 31457792 2128-06-11 08:53:20 web-1.0/disks/system.raw",
          "-rw-r--r-- root/root 5000 2128-06-11 08:53:20 web-1.0/vmlinuz",
        ],
      );
    }),
  );

  it(
    "packs a compressed disk expanded",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf([{ file: "disk.raw" }]), { plain: noise(51_200) });
      await writeFile(
        path.join(web, "disk.raw.xz"),
        await runTool("xz", "-c", path.join(web, "plain")),
      );
      const archive = path.join(folder, "out", "web.tar");
      await mkdir(path.dirname(archive));
      await packDirectory(web, archive, { context: testContext() });
      assert.equal(
        await tar("-tf", archive),
        "web-1.0/\nweb-1.0/appliance.xml\nweb-1.0/disk.raw\n",
      );
      assert.deepEqual(await namesIn(path.dirname(archive)), ["web.tar"]);
    }),
  );

  it(
    "refuses a wrong checksum, a missing disk, an unknown suffix and an archive, and writes nothing",
    withFolder(async (folder) => {
      const context = testContext();
      const web = path.join(folder, "web");
      const out = path.join(folder, "out");
      await mkdir(out);
      const pack = (name: string, from = web): Promise<unknown> =>
        packDirectory(from, path.join(out, name), { context });
      await writeAppliance(web, descriptorOf([{ file: "disk.raw", sha256: sha256Of("") }]), {
        "disk.raw": noise(512),
      });
      await assert.rejects(pack("w.tar"), isError("SOURCE_CHECKSUM_MISMATCH", /checksum/));
      await writeAppliance(web, descriptorOf([{ file: "other.raw" }]));
      await assert.rejects(pack("w.tar"), isError("SOURCE_DISK_MISSING", /other\.raw/));
      await assert.rejects(pack("w.zip"), isError("SOURCE_UNKNOWN_SUFFIX", /expected \.tar/));
      const archive = path.join(folder, "web.tar");
      await tar("-C", web, "-cf", archive, ".");
      await assert.rejects(
        pack("w.tar", archive),
        isError("SOURCE_UNKNOWN_FORMAT", /not a folder/),
      );
      assert.deepEqual(await namesIn(out), []);
    }),
  );

  for (const suffix of [".tar", ".tar.gz", ".tar.zst"]) {
    it(
      `leaves no ${suffix} when it is interrupted while it writes`,
      withFolder(async (folder) => {
        const web = path.join(folder, "web");
        await writeAppliance(web, descriptorOf([{ file: "disk.raw" }]), {
          "disk.raw": randomBytes(30 * MIB),
        });
        const out = path.join(folder, "out");
        await mkdir(out);
        const interrupt = new AbortController();
        const packing = packDirectory(web, path.join(out, `web${suffix}`), {
          context: testContext({ signal: interrupt.signal }),
        });
        const watch = setInterval(() => {
          void namesIn(out).then((names) => names.length > 0 && interrupt.abort());
        }, 5);
        try {
          await assert.rejects(packing, isError("LIB_INTERRUPTED", /interrupted/));
        } finally {
          clearInterval(watch);
        }
        assert.deepEqual(await namesIn(out), []);
      }),
    );
  }
});

describe("unpacking a source", () => {
  it(
    "fills an empty folder, copies a folder, and refuses one that holds something",
    withFolder(async (folder) => {
      const context = testContext();
      const web = path.join(folder, "web");
      await writeWeb(web);
      const target = path.join(folder, "target");
      await mkdir(target);
      await unpackSource(web, target, { context });
      const disk = path.join(target, "disks/system.raw");
      const original = path.join(web, "disks/system.raw");
      assert.ok((await readFile(disk)).equals(await readFile(original)));
      assert.ok((await stat(disk)).blocks * 512 < 200_000);
      assert.equal((await stat(target)).mode & 0o777, 0o777 & ~process.umask());
      await assert.rejects(
        unpackSource(web, target, { context }),
        isError("SOURCE_NOT_EMPTY", /target: folder contains \d+ files, expected an empty one/),
      );
      assert.deepEqual(await namesIn(folder), ["target", "web"]);
    }),
  );

  it(
    "unpacks an archive without top folder",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeWeb(web);
      const archive = path.join(folder, "web.tar");
      await tar("-S", "-C", web, "-cf", archive, ".");
      const target = path.join(folder, "target");
      await unpackSource(archive, target, { context: testContext() });
      assert.ok((await namesIn(target)).includes("appliance.xml"));
      assert.deepEqual(await namesIn(folder), ["target", "web", "web.tar"]);
    }),
  );
});
