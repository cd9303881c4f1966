import assert from "node:assert/strict";
import { mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { inspectSource, openSource } from "../../src/source/index.ts";
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

/** A source of a sparse system disk with its checksum, a data disk that is only a size, and a README. */
async function writeWeb(folder: string): Promise<Buffer> {
  const disk = path.join(folder, "disk.raw");
  await writeSparse(disk, 20 * MIB, [
    [0, noise(10_000)],
    [12 * MIB + 77, noise(100_000)],
  ]);
  const content = await readFile(disk);
  await writeAppliance(
    folder,
    descriptorOf([
      { file: "disk.raw", sha256: sha256Of(content), sizeMib: 20 },
      { file: "data.raw", use: "data", sizeMib: 10 },
      { file: "tmp.raw", use: "scratch", sizeMib: 10 },
    ]),
    { README: "read me" },
  );
  return content;
}

describe("opening a source", () => {
  const packings: Readonly<Record<string, readonly string[]>> = {
    "web.tar": ["-S"],
    "web.tar.gz": ["-S", "-z"],
    "web.tar.xz": ["-S", "-J"],
    "web.tar.zst": ["-S", "--zstd"],
    "web.tar.bz2": ["-S", "-j"],
    "not sparse": [],
  };
  for (const [name, options] of Object.entries(packings)) {
    it(
      `spools ${name} byte-exact and sparse, verifies it, and removes it when closed`,
      withFolder(async (folder) => {
        const content = await writeWeb(path.join(folder, "web"));
        const archive = path.join(folder, name);
        await tar(...options, "-C", folder, "-cf", archive, "web");
        const spool = path.join(folder, "spool");
        {
          await using source = await openSource(archive, testContext({ temporaryFolder: spool }));
          assert.equal(source.kind, "tarball");
          assert.equal(source.appliance.name, "web");
          assert.deepEqual(source.problems, []);
          assert.equal(path.basename(source.descriptorPath), "appliance.xml");
          assert.equal(await readFile(source.descriptorPath, "utf8"), source.descriptorText);
          assert.deepEqual(
            source.files.map((file) => [file.path, file.sizeBytes, file.sha256]),
            [
              ["README", 7, undefined],
              ["disk.raw", 20 * MIB, sha256Of(content)],
            ],
          );
          const disk = source.files[1]?.absolutePath ?? "";
          assert.ok((await readFile(disk)).equals(content));
          assert.ok((await stat(disk)).blocks * 512 < 200_000, "holes were written");
        }
        assert.deepEqual(await namesIn(spool), []);
      }),
    );
  }

  it(
    "uses a folder, and a descriptor in it, in place",
    withFolder(async (folder) => {
      const content = await writeWeb(folder);
      for (const origin of [folder, path.join(folder, "appliance.xml")]) {
        await using source = await openSource(origin, testContext());
        assert.equal(source.kind, "directory");
        assert.equal(source.folder, folder);
        const disk = source.files.find((file) => file.path === "disk.raw");
        assert.equal(disk?.absolutePath, path.join(folder, "disk.raw"));
        assert.equal(disk.sha256, sha256Of(content));
      }
      assert.deepEqual(await namesIn(folder), ["README", "appliance.xml", "disk.raw"]);
    }),
  );

  for (const [suffix, tool] of [
    ["xz", "xz"],
    ["gz", "gzip"],
    ["zst", "zstd"],
    ["bz2", "bzip2"],
  ] as const) {
    it(
      `expands disk.raw.${suffix} in place of disk.raw, sparse and verified`,
      withFolder(async (folder) => {
        const web = path.join(folder, "web");
        const content = await writeWeb(web);
        const raw = path.join(web, "disk.raw");
        await writeFile(`${raw}.${suffix}`, await runTool(tool, "-c", raw));
        await rm(raw);
        const archive = path.join(folder, "web.tar");
        await tar("-C", folder, "-cf", archive, "web");
        const spool = path.join(folder, "spool");
        for (const origin of [archive, web]) {
          const inspection = await inspectSource(origin, testContext());
          assert.deepEqual(inspection.problems, []);
          {
            await using source = await openSource(origin, testContext({ temporaryFolder: spool }));
            assert.deepEqual(source.problems, []);
            const names = source.files.map((file) => file.path);
            assert.deepEqual(names, ["README", "disk.raw"]);
            const disk = source.files[1]?.absolutePath ?? "";
            assert.ok((await readFile(disk)).equals(content));
            assert.ok((await stat(disk)).blocks * 512 < 200_000, "holes were written");
          }
          assert.deepEqual(await namesIn(spool), []);
        }
        assert.deepEqual(await namesIn(web), ["README", "appliance.xml", `disk.raw.${suffix}`]);
      }),
    );
  }

  it(
    "unpacks a link in an archive as one more name of its target",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      const content = await writeWeb(web);
      await writeFile(path.join(web, "real.raw"), content);
      await rm(path.join(web, "disk.raw"));
      await symlink("../web/real.raw", path.join(web, "disk.raw"));
      await runTool("ln", path.join(web, "README"), path.join(web, "NOTICE"));
      const archive = path.join(folder, "web.tar");
      await tar("-C", folder, "-cf", archive, "web");
      for (const origin of [archive, web]) {
        await using source = await openSource(origin, testContext());
        const disk = source.files.find((file) => file.path === "disk.raw");
        assert.ok((await readFile(disk?.absolutePath ?? "")).equals(content));
        assert.equal(source.files.find((file) => file.path === "NOTICE")?.sizeBytes, 7);
      }
    }),
  );

  it(
    "names both digests when a checksum differs, wherever the descriptor stands in the archive",
    withFolder(async (folder) => {
      const wrong = sha256Of("something else");
      const actual = sha256Of(noise(5000));
      const sha1 = "0".repeat(40);
      await writeAppliance(folder, descriptorOf([{ file: "disk.raw", sha256: wrong, sha1 }]), {
        "disk.raw": noise(5000),
      });
      for (const order of [
        ["appliance.xml", "disk.raw"],
        ["disk.raw", "appliance.xml"],
      ]) {
        const archive = path.join(folder, "web.tar");
        await tar("-C", folder, "-cf", archive, ...order);
        for (const origin of [archive, path.join(folder, "appliance.xml")]) {
          await assert.rejects(
            openSource(origin, testContext()),
            isError(
              "SOURCE_CHECKSUM_MISMATCH",
              new RegExp(`has the sha256 checksum ${actual}, expected ${wrong}`),
            ),
          );
        }
      }
    }),
  );

  it(
    "lists everything that is wrong at once",
    withFolder(async (folder) => {
      await writeAppliance(
        folder,
        descriptorOf(
          [
            { file: "missing.raw" },
            { file: "wrong.raw", sha256: sha256Of("") },
            { file: "data.raw", use: "data" },
          ],
          { kernel: "vmlinuz" },
        ),
        { "wrong.raw": "x", "extra.bin": "x" },
      );
      await assert.rejects(
        openSource(folder, testContext()),
        (error) =>
          isError("SOURCE_INVALID", /4 problems/)(error) &&
          isError(
            "SOURCE_INVALID",
            /"missing\.raw" is in the descriptor but not in the folder/,
          )(error) &&
          isError("SOURCE_INVALID", /"data\.raw" is not in the folder and has no size/)(error) &&
          isError("SOURCE_INVALID", /kernel "vmlinuz" is in the descriptor but not in/)(error) &&
          isError("SOURCE_INVALID", /"wrong\.raw" has the sha256 checksum/)(error),
      );
      const { problems } = await inspectSource(folder, testContext());
      assert.ok(problems.some(({ code }) => code === "file-unexpected"));
    }),
  );

  it(
    "warns of unexpected files and of a size that differs",
    withFolder(async (folder) => {
      await writeAppliance(folder, descriptorOf([{ file: "disk.raw", sizeMib: 3 }]), {
        "disk.raw": noise(5000),
        "notes/todo.txt": "x",
        ".hidden": "x",
      });
      await using source = await openSource(folder, testContext());
      assert.deepEqual(
        source.problems.map(({ code }) => code).filter((code) => !code.startsWith("checksum")),
        ["disk-size-differs", "file-unexpected"],
      );
    }),
  );

  const refusals: Readonly<
    Record<string, readonly [Readonly<Record<string, string>>, string, RegExp]>
  > = {
    "no descriptor": [
      { "a.xml": "<other/>", "b.txt": "x" },
      "SOURCE_NO_DESCRIPTOR",
      /root element is <other>/,
    ],
    "nothing at all": [{ README: "x" }, "SOURCE_NO_DESCRIPTOR", /no appliance descriptor/],
    "a descriptor too deep": [
      { "a/b/appliance.xml": descriptorOf([]) },
      "SOURCE_NO_DESCRIPTOR",
      /at the top or one folder down/,
    ],
    "two descriptors": [
      { "appliance.xml": descriptorOf([]), "old/web.xml": "<!-- old -->\n<image/>" },
      "SOURCE_TWO_DESCRIPTORS",
      /2 appliance descriptors, expected one: appliance\.xml, old\/web\.xml/,
    ],
    "XML that is not well-formed": [
      { "appliance.xml": "<image>\n<name>web</image>" },
      "SOURCE_INVALID",
      /line 2: appliance\.xml: /,
    ],
    "a DOCTYPE": [
      {
        "appliance.xml": `<!DOCTYPE image [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n${descriptorOf([]).slice(39)}`,
      },
      "SOURCE_INVALID",
      /DOCTYPE/,
    ],
    "a descriptor of 2 MiB": [
      { "appliance.xml": `<image>${" ".repeat(2 * MIB)}</image>` },
      "SOURCE_INVALID",
      /too-large|larger|1048576/,
    ],
  };
  for (const [name, [files, code, message]] of Object.entries(refusals)) {
    it(
      `refuses ${name}, in a folder and in an archive`,
      withFolder(async (folder) => {
        const web = path.join(folder, "web");
        for (const [file, content] of Object.entries(files)) {
          await mkdir(path.dirname(path.join(web, file)), { recursive: true });
          await writeFile(path.join(web, file), content);
        }
        const archive = path.join(folder, "web.tar");
        await tar("-C", web, "-cf", archive, ".");
        const spool = path.join(folder, "spool");
        for (const origin of [web, archive]) {
          const context = testContext({ temporaryFolder: spool });
          await assert.rejects(openSource(origin, context), isError(code, message));
        }
        assert.deepEqual(await namesIn(spool), []);
      }),
    );
  }

  it(
    "names the kind of a file that is not a source",
    withFolder(async (folder) => {
      const cases: readonly (readonly [Buffer, string, RegExp])[] = [
        [
          Buffer.from("PK\u0003\u0004rest"),
          "SOURCE_UNKNOWN_FORMAT",
          /a zip archive, expected a folder/,
        ],
        [Buffer.from("QFI\u00fb", "latin1"), "SOURCE_UNKNOWN_FORMAT", /a qcow2 disk image/],
        [noise(2000), "LIB_TAR_CORRUPT", /not a tar archive/],
        [Buffer.alloc(0), "LIB_TAR_TRUNCATED", /archive ends at byte 0/],
      ];
      for (const [bytes, code, message] of cases) {
        const file = path.join(folder, "file.tar");
        await writeFile(file, bytes);
        await assert.rejects(openSource(file, testContext()), isError(code, message));
      }
      await assert.rejects(
        openSource(path.join(folder, "none"), testContext()),
        isError("LIB_IO", /none: no such file or folder/),
      );
    }),
  );

  it(
    "stops and leaves nothing when it is interrupted",
    withFolder(async (folder) => {
      await writeAppliance(path.join(folder, "web"), descriptorOf([{ file: "disk.raw" }]), {
        "disk.raw": noise(8 * MIB),
      });
      for (const options of [[], ["-z"], ["--zstd"]]) {
        const archive = path.join(folder, "web.tar");
        await tar(...options, "-C", folder, "-cf", archive, "web");
        const interrupt = new AbortController();
        const spool = path.join(folder, "spool");
        const context = testContext({
          signal: interrupt.signal,
          temporaryFolder: spool,
          progress: { start: () => ({ advance: () => interrupt.abort(), done: () => undefined }) },
        });
        await assert.rejects(
          openSource(archive, context),
          isError("LIB_INTERRUPTED", /interrupted/),
        );
        assert.deepEqual(await namesIn(spool), []);
      }
    }),
  );

  it(
    "refuses an archive that is cut at any block, and leaves nothing",
    withFolder(async (folder) => {
      await writeAppliance(path.join(folder, "web"), descriptorOf([{ file: "disk.raw" }]), {
        "disk.raw": noise(3000),
      });
      const archive = path.join(folder, "web.tar");
      await tar("-b", "1", "-C", folder, "-cf", archive, "web");
      const whole = await readFile(archive);
      const spool = path.join(folder, "spool");
      for (let end = 0; end <= whole.length - 1024; end += 512) {
        await writeFile(archive, whole.subarray(0, end));
        await assert.rejects(
          openSource(archive, testContext({ temporaryFolder: spool })),
          isError("LIB_TAR_TRUNCATED", new RegExp(`archive ends at byte ${end} `)),
        );
        assert.deepEqual(await namesIn(spool), []);
      }
    }),
  );
});
