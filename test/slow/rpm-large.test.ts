import assert from "node:assert/strict";
import { mkdir, open, readFile, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { readRpm, replaceSignatures } from "../../src/rpm/index.ts";
import { buildInLittleMemory } from "../support/build-in-little-memory.ts";
import { testContext } from "../support/context.ts";
import {
  hardLink,
  packagePlan,
  stagedFile,
  templateFile,
  textFile,
} from "../fixtures/package-plan.ts";
import { temporaryFolder } from "../support/temporary.ts";

const LARGE_BYTES = 2 ** 32 + 12345;

describe("a package with a file of more than 4 GiB", () => {
  const folder = temporaryFolder();
  it("has 64-bit sizes, passes rpm -K, and installs with rpm", async () => {
    const { run } = testContext();
    const disk = path.join(folder, "disk");
    await writeFile(disk, "");
    await truncate(disk, LARGE_BYTES);
    const handle = await open(disk, "r+");
    await handle.write(Buffer.from("end"), 0, 3, LARGE_BYTES - 3);
    await handle.close();
    const packaged = stagedFile("/opt/disk", "disk");
    const plan = packagePlan({
      entries: [
        templateFile("/opt/a.list", "@BYTES(/opt/disk)@ @SHA256(/opt/disk)@\n"),
        packaged,
        hardLink("/opt/other-name", packaged),
        textFile("/opt/text", "text\n"),
      ],
    });
    const file = await buildInLittleMemory(folder, plan);
    const rpm = await readRpm(file);
    assert.deepEqual(rpm.header.integers("LONGFILESIZES").slice(1), [LARGE_BYTES, LARGE_BYTES, 5]);
    assert.deepEqual(rpm.header.integers("LONGSIZE"), [
      LARGE_BYTES + 5 + (rpm.header.integers("LONGFILESIZES")[0] ?? 0),
    ]);
    assert.equal(rpm.header.has("FILESIZES"), false);
    assert.ok((rpm.signature.integers("LONGARCHIVESIZE")[0] ?? 0) > LARGE_BYTES);
    assert.ok(rpm.header.strings("REQUIRENAME").includes("rpmlib(LargeFiles)"));
    assert.equal(rpm.headerStart, 4504, "the main header is where it always is");
    await replaceSignatures(file, [{ tag: "RSA", bytes: Buffer.alloc(566, 1) }]);
    await replaceSignatures(file, []);
    assert.match((await run("rpm", ["-K", file])).stdout, /digests OK/);

    // Templates are last in the archive and first in the header: the stripped form names files by their position there.
    const root = path.join(folder, "root");
    await mkdir(root);
    await run("rpm", ["--root", root, "--dbpath", "/var/lib/rpm", "-i", file]);
    const [installed, other] = [
      await stat(path.join(root, "opt/disk")),
      await stat(path.join(root, "opt/other-name")),
    ];
    assert.deepEqual([installed.size, installed.nlink], [LARGE_BYTES, 2]);
    assert.equal(installed.ino, other.ino);
    assert.equal(await readFile(path.join(root, "opt/text"), "utf8"), "text\n");
    assert.match(
      await readFile(path.join(root, "opt/a.list"), "utf8"),
      new RegExp(`^${LARGE_BYTES} ${rpm.header.strings("FILEDIGESTS")[1]}\n$`),
    );
    await run("rpm", ["--root", root, "--dbpath", "/var/lib/rpm", "-V", plan.name]);
  });
});
