import assert from "node:assert/strict";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeFolder, openTemporaryFolder } from "../../src/lib/atomic.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

describe("makeFolder", () => {
  it(
    "makes what is missing, and takes it away again while it is empty",
    withFolder(async (folder) => {
      const inner = path.join(folder, "a", "b", "c");
      {
        await using _made = await makeFolder(inner);
        assert.deepEqual(await namesIn(path.join(folder, "a", "b")), ["c"]);
      }
      assert.deepEqual(await namesIn(folder), []);
      {
        await using _made = await makeFolder(inner);
        await writeFile(path.join(folder, "a", "b", "result"), "");
      }
      assert.deepEqual(await readdir(folder, { recursive: true }), ["a", "a/b", "a/b/result"]);
    }),
  );

  it(
    "leaves what was there before",
    withFolder(async (folder) => {
      await mkdir(path.join(folder, "a"));
      await symlink("a", path.join(folder, "link"));
      for (const name of ["a", "link", "link/b", "."]) {
        await using _made = await makeFolder(path.join(folder, name));
      }
      assert.deepEqual(await namesIn(folder), ["a", "link"]);
      assert.deepEqual(await namesIn(path.join(folder, "a")), []);
    }),
  );

  it(
    "says what is in the way, and leaves nothing",
    withFolder(async (folder) => {
      await writeFile(path.join(folder, "file"), "");
      await symlink("nowhere", path.join(folder, "dangling"));
      const cases = {
        file: /file: not a folder, expected one$/,
        "file/below": /below: not a folder, or below something that is none$/,
        dangling: /dangling: a symbolic link to nowhere, expected a folder$/,
        "dangling/below": /below: a symbolic link to nowhere, expected a folder: .*dangling$/,
        [`new/${"x".repeat(300)}`]: /: name too long$/,
        "../../../../../../../../proc/virt-appliance/x":
          /x: no folder can be made there: \/proc\/virt-appliance$/,
      };
      for (const [name, message] of Object.entries(cases)) {
        await assert.rejects(makeFolder(path.join(folder, name)), { code: "LIB_IO", message });
      }
      assert.deepEqual(await namesIn(folder), ["dangling", "file"]);
    }),
  );
});

describe("openTemporaryFolder", () => {
  it(
    "takes a parent that was made for it with it",
    withFolder(async (folder) => {
      {
        await using temporary = await openTemporaryFolder(path.join(folder, "new"));
        await writeFile(path.join(temporary.path, "file"), "");
      }
      assert.deepEqual(await namesIn(folder), []);
    }),
  );
});
