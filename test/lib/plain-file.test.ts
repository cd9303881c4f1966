import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, realpath, rm, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  findPlainText,
  openPlainFile,
  readAsItComes,
  readPlainFile,
  readPlainText,
  readSmallFile,
  readTail,
} from "../../src/lib/plain-file.ts";
import { runTool } from "../fixtures/appliance-folder.ts";
import { withFolder } from "../support/temporary.ts";

describe("openPlainFile", () => {
  it(
    "opens a file, and refuses at once what is none",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      const fifo = path.join(folder, "fifo");
      await writeFile(file, "content");
      await runTool("mkfifo", fifo);
      const handle = await openPlainFile(file);
      assert.equal(await handle.readFile("utf8"), "content");
      await handle.close();
      for (const other of [fifo, folder, "/dev/zero"]) {
        await assert.rejects(openPlainFile(other), {
          code: "LIB_IO",
          message: `${other}: not a plain file, expected one`,
        });
      }
      await assert.rejects(openPlainFile(path.join(folder, "none")), {
        code: "LIB_IO",
        message: /none: no such file or folder$/,
      });
    }),
  );
});

describe("a path that was resolved before", () => {
  it(
    "is refused when a link has taken the place of the file or of a folder",
    withFolder(async (given) => {
      const folder = await realpath(given);
      const file = path.join(folder, "sub/file");
      await mkdir(path.join(folder, "sub"));
      await mkdir(path.join(folder, "other"));
      await writeFile(file, "content");
      await writeFile(path.join(folder, "other/file"), "secret");
      const read = (): Promise<Buffer> => readPlainFile(file, { isResolved: true });
      assert.equal((await read()).toString(), "content");
      await rm(file);
      await symlink(path.join(folder, "other/file"), file);
      const refused = {
        code: "LIB_UNSAFE_PATH",
        message: `${file}: replaced by a link to ${folder}/other/file`,
      };
      await assert.rejects(read(), refused);
      await rm(path.join(folder, "sub"), { recursive: true });
      await symlink("other", path.join(folder, "sub"));
      await assert.rejects(read(), refused);
    }),
  );
});

describe("readPlainFile", () => {
  it(
    "reads a whole file, and refuses one over the limit before it is read",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      await writeFile(file, Buffer.alloc(200_000, "x"));
      assert.equal((await readPlainFile(file, { maxBytes: 200_000 })).length, 200_000);
      await assert.rejects(readPlainFile(file, { maxBytes: 199_999 }), {
        code: "LIB_LIMIT_EXCEEDED",
        message: `${file}: larger than 195 KiB, the limit for such a file`,
      });
      await truncate(file, 20 * 1024 ** 3);
      await assert.rejects(readPlainFile(file), { code: "LIB_LIMIT_EXCEEDED" });
      await writeFile(file, "");
      assert.equal(await readPlainText(file), "");
    }),
  );

  it("reads a file whose size is given as 0, as in /proc", async () => {
    assert.match(await readPlainText("/proc/self/mountinfo"), / - /);
    await assert.rejects(readPlainText("/proc/self/mountinfo", { maxBytes: 10 }), {
      code: "LIB_LIMIT_EXCEEDED",
    });
  });

  it(
    "distinguishes an absent file from an unreadable one",
    withFolder(async (folder) => {
      assert.equal(await findPlainText(path.join(folder, "none")), undefined);
      await assert.rejects(findPlainText(folder), { code: "LIB_IO" });
      await writeFile(path.join(folder, "file"), "text");
      assert.equal(await findPlainText(path.join(folder, "file")), "text");
      await assert.rejects(findPlainText(path.join(folder, "file/below")), { code: "LIB_IO" });
    }),
  );
});

describe("readTail", () => {
  it(
    "reads the end of a file of any size",
    withFolder(async (folder) => {
      const file = path.join(folder, "log");
      await writeFile(file, "head and tail");
      assert.equal((await readTail(file, 4))?.toString(), "tail");
      assert.equal((await readTail(file, 100))?.toString(), "head and tail");
      assert.equal(await readTail(path.join(folder, "none"), 4), undefined);
      assert.equal(await readTail("/dev/zero", 4), undefined);
    }),
  );
});

describe("readSmallFile", () => {
  it(
    "reads a file, and refuses one that is too large, also when it has no end",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      await writeFile(file, Buffer.alloc(200_000, "x"));
      assert.equal((await readSmallFile(file, { maxBytes: 200_000 })).length, 200_000);
      for (const [name, maxBytes, most] of [
        [file, 199_999, "195 KiB"],
        ["/dev/zero", 1_000_000, "977 KiB"],
      ] as const) {
        await assert.rejects(readSmallFile(name, { maxBytes }), {
          code: "LIB_LIMIT_EXCEEDED",
          message: new RegExp(`^${name}: larger than ${most},`),
        });
      }
      await mkdir(path.join(folder, "sub"));
      await assert.rejects(readSmallFile(path.join(folder, "sub"), { maxBytes: 1 }), {
        code: "LIB_IO",
        message: /sub: is a folder, expected a file$/,
      });
    }),
  );

  it(
    "waits for what a pipe brings",
    withFolder(async (folder) => {
      const fifo = path.join(folder, "fifo");
      await runTool("mkfifo", fifo);
      // Open for reading and writing: it neither waits for a reader nor ends before one comes.
      const writer = spawn("sh", ["-c", 'exec 3<>"$1"; echo one >&3; echo ready; sleep 0.2; echo two >&3; sleep 0.3', "sh", fifo]); // prettier-ignore
      const ended = once(writer, "exit");
      await once(writer.stdout, "data");
      assert.equal((await readSmallFile(fifo, { maxBytes: 100 })).toString(), "one\ntwo\n");
      await ended;
    }),
  );
});

describe("readAsItComes", () => {
  it(
    "stops waiting when it is interrupted",
    withFolder(async (folder) => {
      const fifo = path.join(folder, "fifo");
      await runTool("mkfifo", fifo);
      const writer = spawn("sh", ["-c", 'exec 3<>"$1"; echo ready; exec sleep 60', "sh", fifo]);
      try {
        await once(writer.stdout, "data");
        const signal = AbortSignal.timeout(50);
        await assert.rejects(readAsItComes(fifo, { signal }).next(), { code: "LIB_INTERRUPTED" });
      } finally {
        writer.kill();
      }
    }),
  );
});
