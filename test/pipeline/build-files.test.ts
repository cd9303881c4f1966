import assert from "node:assert/strict";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildFiles } from "../../src/pipeline/index.ts";
import type { FilesPackage } from "../../src/package/index.ts";
import { readRpm } from "../../src/rpm/index.ts";
import { testContext } from "../support/context.ts";
import { withFolder } from "../support/temporary.ts";

const wanted: FilesPackage = {
  name: "plain",
  version: "1.0",
  summary: "Plain files",
  license: "MIT",
  files: [
    { path: "/usr/share/plain/b", content: { file: "b.bin" }, mode: 0o400, user: "daemon" },
    { path: "/etc/plain.conf", content: { text: "a=1\n" }, attributes: ["config"] },
  ],
};

describe("a package of plain files", () => {
  it(
    "has rpmbuild's defaults, and the files in rpm's order",
    withFolder(async (folder) => {
      await writeFile(path.join(folder, "b.bin"), "content");
      const outputFolder = path.join(folder, "new/out");
      const { path: file, name } = await buildFiles(
        wanted,
        { outputFolder, folder },
        testContext(),
      );
      assert.equal(name, "plain-1.0-1.noarch.rpm");
      const { header } = await readRpm(file);
      assert.deepEqual(header.strings("BASENAMES"), ["plain.conf", "b"]);
      assert.deepEqual(header.strings("FILEUSERNAME"), ["root", "daemon"]);
      assert.deepEqual(header.integers("FILEMODES"), [0o100644, 0o100400]);
      assert.deepEqual(header.string("DESCRIPTION"), "Plain files");
      assert.deepEqual(header.integers("BUILDTIME"), [testContext().now().getTime() / 1000]);
    }),
  );

  it(
    "is the same byte for byte when its build time is",
    withFolder(async (folder) => {
      await writeFile(path.join(folder, "b.bin"), "content");
      const made: Buffer[] = [];
      for (const year of ["2026", "2027"]) {
        const context = testContext({ now: () => new Date(`${year}-05-05T00:00:00Z`) });
        const options = { outputFolder: path.join(folder, year), folder, buildTimeSeconds: 1e9 };
        made.push(await readFile((await buildFiles(wanted, options, context)).path));
      }
      assert.deepEqual(made[0], made[1]);
    }),
  );

  it(
    "holds nothing from outside of the folder",
    withFolder(async (folder) => {
      await symlink("/etc/passwd", path.join(folder, "b.bin"));
      const options = { outputFolder: path.join(folder, "out"), folder };
      await assert.rejects(buildFiles(wanted, options, testContext()), {
        code: "LIB_UNSAFE_PATH",
        details: ["b.bin: is a link out of the folder, to /etc/passwd"],
      });
      assert.deepEqual(await readdir(folder), ["b.bin"]);
    }),
  );

  it(
    "is refused with every problem, and leaves no folder behind",
    withFolder(async (folder) => {
      const bad = { ...wanted, name: "a b", files: [{ path: "etc/x", content: { text: "" } }] };
      const options = { outputFolder: path.join(folder, "out"), folder };
      await assert.rejects(buildFiles(bad, options, testContext()), (error: Error) => {
        assert.ok("details" in error && Array.isArray(error.details));
        assert.match(error.details.join("\n"), /name/);
        assert.match(error.details.join("\n"), /etc\/x/);
        return true;
      });
      assert.deepEqual(await readdir(folder), []);
    }),
  );
});
