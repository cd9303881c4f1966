import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { pack } from "tar-stream";
import { ApplianceError } from "../../../src/errors.ts";
import { ByteReader } from "../../../src/lib/bytes/byte-reader.ts";
import { readTar } from "../../../src/lib/tar/read.ts";
import { noise, tar, writeSparse } from "../../fixtures/appliance-folder.ts";
import { bytesSource, readTarBytes } from "../../support/read-tar.ts";
import { paxHeader, paxRecords, tarBytes, tarMember } from "../../fixtures/tar-bytes.ts";
import { withFolder } from "../../support/temporary.ts";

const MIB = 1024 * 1024;

/** The four GNU sparse formats, as GNU tar's options. */
const sparseFormats: Readonly<Record<string, readonly string[]>> = {
  "old GNU": ["--format=gnu"],
  "pax 0.0": ["--format=posix", "--sparse-version=0.0"],
  "pax 0.1": ["--format=posix", "--sparse-version=0.1"],
  "pax 1.0": ["--format=posix", "--sparse-version=1.0"],
};

/** Files that a sparse format could get wrong: size, and where there is data. */
const sparseFiles: Readonly<
  Record<string, readonly [number, readonly (readonly [number, Buffer])[]]>
> = {
  "only a hole": [3 * MIB, []],
  "hole at the end": [5 * MIB + 123, [[0, noise(5000)]]],
  "hole at the beginning": [5 * MIB, [[4 * MIB, noise(MIB)]]],
  "more segments than two extension blocks hold": [
    80 * MIB,
    Array.from({ length: 60 }, (_, index) => [index * MIB + 8192, noise(4096 + index, `${index}`)]),
  ],
  empty: [0, []],
};

describe("reading tar archives", () => {
  for (const [format, options] of Object.entries(sparseFormats)) {
    for (const [kind, [sizeBytes, pieces]] of Object.entries(sparseFiles)) {
      it(
        `reads what GNU tar -S writes: ${format}, ${kind}`,
        withFolder(async (folder) => {
          await writeSparse(path.join(folder, "disk.raw"), sizeBytes, pieces);
          await writeFile(path.join(folder, "after.txt"), "after");
          const archive = path.join(folder, "t.tar");
          await tar("-S", ...options, "-C", folder, "-cf", archive, "disk.raw", "after.txt");
          const members = await readTarBytes(await readFile(archive));
          assert.deepEqual(
            members.map(({ path: name, type }) => [name, type]),
            [
              ["disk.raw", "file"],
              ["after.txt", "file"],
            ],
          );
          const expected = await readFile(path.join(folder, "disk.raw"));
          assert.ok(members[0]?.content.equals(expected));
          assert.equal(members[1]?.content.toString(), "after");
          if (sizeBytes > 0) assert.equal(members[0]?.sparse, true);
        }),
      );
    }
  }

  it(
    "reads long names, long link targets and directories in every format of GNU tar",
    withFolder(async (folder) => {
      const long = `${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(90)}.txt`;
      await writeSparse(path.join(folder, "in", long), 10, [[0, Buffer.from("0123456789")]]);
      for (const format of ["gnu", "oldgnu", "posix"]) {
        const archive = path.join(folder, "t.tar");
        await tar(`--format=${format}`, "-C", path.join(folder, "in"), "-cf", archive, ".");
        const members = await readTarBytes(await readFile(archive));
        assert.deepEqual(
          members.map(({ path: name, type }) => [name, type]),
          [
            ["./", "directory"],
            [`./${"d".repeat(90)}/`, "directory"],
            [`./${"d".repeat(90)}/${"e".repeat(90)}/`, "directory"],
            [`./${long}`, "file"],
          ],
        );
        assert.equal(members.at(-1)?.content.toString(), "0123456789");
      }
    }),
  );

  it("reads the ustar prefix, old archives without magic, and sizes in base 256", async () => {
    const members = await readTarBytes(
      tarBytes(
        { name: "name", data: "a", patch: (block) => block.write("some/prefix", 345) },
        { name: "old", type: "\0", data: "b", magic: "none" },
        { name: "olddir/", type: "\0", magic: "none" },
        {
          name: "binary",
          data: "cde",
          sizeField: Buffer.from("800000000000000000000003", "hex"),
        },
      ),
    );
    assert.deepEqual(
      members.map(({ path: name, type, content }) => [name, type, content.toString()]),
      [
        ["some/prefix/name", "file", "a"],
        ["old", "file", "b"],
        ["olddir/", "directory", ""],
        ["binary", "file", "cde"],
      ],
    );
  });

  it("lets a pax header override name, size and link target", async () => {
    const members = await readTarBytes(
      tarBytes(
        tarMember({ name: "global", type: "g", data: paxRecords([["comment", "anything"]]) }),
        paxHeader([
          ["path", "real name ü"],
          ["size", "4"],
        ]),
        { name: "short", data: "1234", sizeField: "00000000000\0" },
        paxHeader([["linkpath", "where it goes"]]),
        { name: "link", type: "2", linkName: "elsewhere" },
      ),
    );
    assert.deepEqual(
      members.map(({ path: name, content, linkTarget }) => [name, content.toString(), linkTarget]),
      [
        ["real name ü", "1234", ""],
        ["link", "", "where it goes"],
      ],
    );
  });

  it("agrees with tar-stream on what it packs, however the bytes are cut", async () => {
    const nameOf = fc.stringMatching(/^[a-zA-Z0-9ä._-]{1,40}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            name: fc.array(nameOf, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/")),
            data: fc.uint8Array({ maxLength: 1500 }),
          }),
          { maxLength: 5 },
        ),
        fc.integer({ min: 1, max: 2000 }),
        async (files, pieceBytes) => {
          const archive = pack();
          for (const { name, data } of files) {
            archive.entry({ name, mtime: new Date(0) }, Buffer.from(data));
          }
          archive.finalize();
          const chunks: Buffer[] = [];
          for await (const chunk of archive) {
            assert.ok(chunk instanceof Uint8Array);
            chunks.push(Buffer.from(chunk));
          }
          const members = await readTarBytes(Buffer.concat(chunks), { pieceBytes });
          assert.deepEqual(
            members.map(({ path: name, content }) => [name, content]),
            files.map(({ name, data }) => [name, Buffer.from(data)]),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("an archive with any byte changed is read or refused", async () => {
    const sound = tarBytes(
      paxHeader([
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.minor", "0"],
        ["GNU.sparse.name", "disk"],
        ["GNU.sparse.realsize", "5000"],
      ]),
      { name: "x", data: `1\n4096\n4\n${"\0".repeat(503)}data` },
      { name: "long", type: "L", data: `${"n".repeat(150)}\0`, magic: "gnu" },
      { name: "n", data: "hello" },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: sound.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        async (at, value) => {
          const bytes = Buffer.from(sound);
          bytes[at] = value;
          try {
            await readTarBytes(bytes);
          } catch (error) {
            assert.ok(error instanceof ApplianceError, String(error));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("notices an archive cut at any block but those of the end marker", async () => {
    const sound = tarBytes({ name: "a", data: noise(700) }, paxHeader([["path", "b"]]), {
      name: "b",
      data: noise(100),
    });
    for (let end = 0; end <= sound.length - 1024; end += 512) {
      await assert.rejects(readTarBytes(sound.subarray(0, end)), (error) => {
        assert.ok(error instanceof ApplianceError);
        assert.equal(error.code, "LIB_TAR_TRUNCATED");
        assert.match(error.message, new RegExp(`^test.tar: archive ends at byte ${end} where `));
        return true;
      });
    }
    assert.equal((await readTarBytes(sound.subarray(0, sound.length - 512))).length, 2);
  });

  it("reports a truncated member even if its data is not read", async () => {
    const sound = tarBytes({ name: "a", data: noise(3000) });
    for (const bytes of [512, 1024, 3000, 3500]) {
      await assert.rejects(namesOf(sound.subarray(0, bytes)), {
        code: "LIB_TAR_TRUNCATED",
        message: /where the data of "a"/,
      });
    }
    assert.deepEqual(await namesOf(sound), ["a"]);
  });

  it("refuses a member after a single block of zeros, which other readers would not see", async () => {
    const first = tarMember({ name: "a" });
    const hidden = tarBytes({ name: "hidden" });
    await assert.rejects(namesOf(Buffer.concat([first, Buffer.alloc(512), hidden])), {
      code: "LIB_TAR_CORRUPT",
      message: /data follows a single block of zeros/,
    });
    // Behind two blocks is no archive any more, for anybody.
    const behind = Buffer.concat([first, Buffer.alloc(1024), hidden]);
    assert.deepEqual(await namesOf(behind), ["a"]);
    assert.deepEqual(await namesOf(Buffer.concat([first, Buffer.alloc(512)])), ["a"]);
  });

  it("stops at the caps", async () => {
    const many = tarBytes(...Array.from({ length: 5 }, (_, index) => ({ name: `f${index}` })));
    await assert.rejects(readTarBytes(many, { limits: { maxHeaders: 4 } }), {
      code: "LIB_LIMIT_EXCEEDED",
    });
    const long = tarBytes(paxHeader([["comment", "x".repeat(2000)]]), { name: "a" });
    await assert.rejects(readTarBytes(long, { limits: { maxHeaderBytes: 1000 } }), {
      code: "LIB_LIMIT_EXCEEDED",
    });
    assert.equal((await readTarBytes(many, { limits: { maxHeaders: 5 } })).length, 5);
  });
});

/** The members' names, of an archive whose data nobody looks at. */
async function namesOf(bytes: Buffer): Promise<string[]> {
  const names: string[] = [];
  for await (const { path: name } of readTar(new ByteReader(bytesSource(bytes)), { origin: "t" })) {
    names.push(name);
  }
  return names;
}
