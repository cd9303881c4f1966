import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { lastLines, readConsoleTail } from "../../src/host/steps/console-text.ts";
import { hostPaths } from "../../src/host/access/paths.ts";
import { withFolder } from "../support/temporary.ts";

describe("what a VM said on its console", () => {
  it("is told by its last lines, without what moves cursors and colours text", () => {
    const text =
      "first\r\n\r\n\u001b[1;32m[  OK  ]\u001b[0m Started\u001b(B it\u0007\r\n\u001b[2J\u001b[H last \u001b=\r\n \r\n";
    assert.deepEqual(lastLines(text, 2), ["[  OK  ] Started it", "last"]);
    assert.deepEqual(lastLines("\u001b[K\r\n", 2), []);
  });

  it(
    "is read from its end, from an older log too when a new one has just begun",
    withFolder(async (root) => {
      const paths = { ...hostPaths(root), consoleDir: root };
      assert.equal(await readConsoleTail(paths, "vm1"), undefined);
      const log = path.join(root, "vm1-console.log");
      await writeFile(`${log}.0`, `${"x".repeat(100_000)}end of the old\n`);
      await writeFile(log, "new\n");
      const tail = await readConsoleTail(paths, "vm1");
      assert.match(tail ?? "", /end of the old\nnew\n$/);
      assert.ok((tail ?? "").length < 70_000);
      await writeFile(log, `${"y".repeat(100_000)}\n`);
      assert.match((await readConsoleTail(paths, "vm1")) ?? "", /^y+\n$/);
    }),
  );
});
