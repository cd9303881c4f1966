import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import {
  fileError,
  makeFolder,
  openTemporaryFolder,
  removeLeftovers,
  writeAtomically,
} from "../../src/lib/atomic.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

describe("makeFolder", () => {
  it(
    "creates missing parent folders, and removes them again while they are empty",
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
        "file/below": /below: not a folder, or below a path that is not a folder$/,
        dangling: /dangling: a symbolic link to nowhere, expected a folder$/,
        "dangling/below": /below: a symbolic link to nowhere, expected a folder: .*dangling$/,
        [`new/${"x".repeat(300)}`]: /: name too long$/,
        "../../../../../../../../proc/virt-appliance/x":
          /x: cannot create a folder there: \/proc\/virt-appliance$/,
      };
      for (const [name, message] of Object.entries(cases)) {
        await assert.rejects(makeFolder(path.join(folder, name)), { code: "LIB_IO", message });
      }
      assert.deepEqual(await namesIn(folder), ["dangling", "file"]);
    }),
  );
});

describe("writeAtomically", () => {
  it(
    "a file has its mode before other users can open it",
    withFolder(async (folder) => {
      const mask = process.umask(0);
      try {
        for (const mode of [0o600, 0o644]) {
          const target = path.join(folder, mode.toString(8));
          let meanwhile = 0;
          const write = async (_: unknown, temporary: string): Promise<void> => {
            meanwhile = (await stat(temporary)).mode & 0o777;
          };
          await writeAtomically(target, write, { mode });
          assert.deepEqual([meanwhile, (await stat(target)).mode & 0o777], [0o600, mode]);
        }
      } finally {
        process.umask(mask);
      }
    }),
  );
});

describe("removeLeftovers", () => {
  it(
    "removes what a killed process of this machine was writing, and nothing of another machine",
    withFolder(async (folder) => {
      let machine = "";
      await writeAtomically(path.join(folder, "other"), async (_, temporary) => {
        machine = /\.([0-9a-f]{8})-\d+-[0-9a-f]{8}\.tmp$/.exec(temporary)?.[1] ?? "";
      });
      const ended = spawn("true");
      await once(ended, "exit");
      const names = {
        own: `.file.${machine}-${ended.pid}-01234567.tmp`,
        living: `.file.${machine}-${process.pid}-01234567.tmp`,
        elsewhere: `.file.00000000-${ended.pid}-01234567.tmp`,
        ofAnother: `.files.${machine}-${ended.pid}-01234567.tmp`,
      };
      for (const name of Object.values(names)) await writeFile(path.join(folder, name), "");
      await removeLeftovers(path.join(folder, "file"));
      const left = [names.living, names.elsewhere, names.ofAnother, "other"];
      assert.deepEqual(await namesIn(folder), left.sort());
    }),
  );
});

describe("writeAtomically", () => {
  for (const name of [
    "x".repeat(255),
    `${"é".repeat(127)}x`,
    `x${"é".repeat(127)}`,
    "🐧".repeat(63),
  ]) {
    it(
      `writes a file whose name has ${Buffer.byteLength(name)} bytes: ${name.slice(0, 2)}…`,
      withFolder(async (folder) => {
        const target = path.join(folder, name);
        let left = "";
        await writeAtomically(target, async (_, temporary) => {
          left = path.basename(temporary);
        });
        assert.deepEqual(await namesIn(folder), [name]);
        assert.doesNotMatch(left, /\ufffd/);
        const ended = spawn("true");
        await once(ended, "exit");
        await writeFile(path.join(folder, left.replace(`-${process.pid}-`, `-${ended.pid}-`)), "");
        await removeLeftovers(target);
        assert.deepEqual(await namesIn(folder), [name]);
      }),
    );
  }
});

describe("openTemporaryFolder", () => {
  it(
    "removes a parent folder that was created for it",
    withFolder(async (folder) => {
      {
        await using temporary = await openTemporaryFolder(path.join(folder, "new"));
        await writeFile(path.join(temporary.path, "file"), "");
      }
      assert.deepEqual(await namesIn(folder), []);
    }),
  );

  it(
    "removes what a killed process of this machine left, and nothing that may be in use",
    withFolder(async (folder) => {
      await using own = await openTemporaryFolder(folder);
      const name = path.basename(own.path);
      const [, machine = ""] = /^\.virt-appliance-([0-9a-f]{8})-/.exec(name) ?? [];
      const ended = spawn("true");
      await once(ended, "exit");
      const living = `.virt-appliance-${machine}-1-abcdef`;
      const elsewhere = `.virt-appliance-00000000-${ended.pid}-abcdef`;
      const stale = `.virt-appliance-${machine}-${ended.pid}-abcdef`;
      const foreign = `virt-appliance-${machine}-${ended.pid}-abcdef`;
      const file = `.virt-appliance-${machine}-${ended.pid}-ghijkl`;
      const link = `.virt-appliance-${machine}-${ended.pid}-mnopqr`;
      for (const each of [living, elsewhere, stale, foreign]) await mkdir(path.join(folder, each));
      await writeFile(path.join(folder, file), "");
      await symlink(folder, path.join(folder, link));
      // Root alone can give a folder away, and could remove it then.
      const others = process.getuid?.() === 0 ? [`${stale}-of-another`] : [];
      for (const each of others) {
        await mkdir(path.join(folder, each));
        await chown(path.join(folder, each), 12345, 12345);
      }
      await using _next = await openTemporaryFolder(folder);
      const left = await namesIn(folder);
      for (const each of [name, living, elsewhere, foreign, file, link, ...others])
        assert.ok(left.includes(each), each);
      assert.ok(!left.includes(stale));
    }),
  );

  it(
    "leaves alone what a killed process of another user left",
    withFolder(async (folder) => {
      await using own = await openTemporaryFolder(folder);
      const ended = spawn("true");
      await once(ended, "exit");
      const machine = path.basename(own.path).split("-")[2];
      const stale = `.virt-appliance-${machine}-${ended.pid}-abcdef`;
      await mkdir(path.join(folder, stale));
      const real = process.getuid?.() ?? 0;
      process.getuid = () => real + 1;
      try {
        await using _next = await openTemporaryFolder(folder);
        assert.ok((await namesIn(folder)).includes(stale));
      } finally {
        process.getuid = () => real;
      }
      await using _last = await openTemporaryFolder(folder);
      assert.ok(!(await namesIn(folder)).includes(stale));
    }),
  );
});

describe("fileError", () => {
  it("reports system errors in words, and passes programming errors through", async () => {
    const refusal = (code: string, errno: number): Error =>
      Object.assign(new Error(code), { code, errno, syscall: "fsync", path: "/srv/file" });
    const told = (error: unknown): unknown => fileError(error, "/srv/file");
    const unusual = told(refusal("ESPIPE", -29));
    assert.ok(unusual instanceof ApplianceError);
    assert.equal(unusual.message, "/srv/file: invalid seek (ESPIPE)");
    const usual = told(refusal("EIO", -5));
    assert.ok(usual instanceof ApplianceError);
    assert.equal(usual.message, "/srv/file: cannot be read or written: input/output error");
    const many = told(refusal("EMFILE", -24));
    assert.ok(many instanceof ApplianceError);
    assert.equal(many.hint, "raise the limit: ulimit -n 1024");
    for (const [errno, fact] of [
      [-116, "gone from the file server"],
      [-117, "refused by the system with error 117"],
    ] as const) {
      const unknown = told(refusal(`Unknown system error ${errno}`, errno));
      assert.ok(unknown instanceof ApplianceError);
      assert.equal(unknown.message, `/srv/file: ${fact}`);
    }
    const bug = new TypeError("x is not a function");
    assert.equal(told(bug), bug);
  });
});
