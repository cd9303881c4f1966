import assert from "node:assert/strict";
import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { ApplianceError } from "../../../src/errors.ts";
import { ByteReader } from "../../../src/lib/bytes/byte-reader.ts";
import { digestOf } from "../../../src/lib/bytes/digest.ts";
import { readScanned, scanSparse } from "../../../src/lib/sparse/scan.ts";
import { SparseWriter } from "../../../src/lib/sparse/write.ts";
import { readTar } from "../../../src/lib/tar/read.ts";
import { encodeSparseMap, type TarMember, writeTar } from "../../../src/lib/tar/write.ts";
import { noise, tar, writeSparse } from "../../fixtures/appliance-folder.ts";
import { bytesSource } from "../../support/read-tar.ts";
import { withFolder } from "../../support/temporary.ts";

const MIB = 1024 * 1024;

/** Files as runs of zeros and of data, in lengths around the sizes that matter. */
const runs = fc.array(
  fc.record({
    zero: fc.boolean(),
    length: fc.oneof(
      fc.integer({ min: 1, max: 20_000 }),
      fc.constantFrom(4095, 4096, 4097, 512 * 1024, 512 * 1024 + 1, 1024 * 1024),
    ),
  }),
  { maxLength: 8 },
);

function contentOf(parts: readonly { zero: boolean; length: number }[]): Buffer {
  return Buffer.concat(
    parts.map(({ zero, length }) => (zero ? Buffer.alloc(length) : noise(length, `${length}`))),
  );
}

describe("sparse files", () => {
  it(
    "are written byte-exact, with their digests, however the pieces are cut",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      await fc.assert(
        fc.asyncProperty(runs, fc.integer({ min: 700, max: 700_000 }), async (parts, cut) => {
          const content = contentOf(parts);
          const handle = await open(file, "w");
          const writer = new SparseWriter(handle, { digests: ["sha1", "sha256"] });
          for (let at = 0; at < content.length; at += cut) {
            const piece = content.subarray(at, at + cut);
            // A piece of zeros may be left out: that is what a hole is.
            if (!piece.equals(Buffer.alloc(piece.length))) await writer.write(at, piece);
          }
          const digests = await writer.finish(content.length);
          await handle.close();
          assert.ok((await readFile(file)).equals(content));
          assert.deepEqual(digests, {
            sha1: digestOf(content, "sha1"),
            sha256: digestOf(content),
          });
        }),
        { numRuns: 60 },
      );
    }),
  );

  it(
    "take no room for aligned blocks of zeros",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      const handle = await open(file, "w");
      const writer = new SparseWriter(handle);
      await writer.write(0, Buffer.alloc(20 * MIB));
      await writer.write(20 * MIB, Buffer.from("x"));
      await writer.finish(40 * MIB);
      await handle.close();
      const { size, blocks } = await stat(file);
      assert.equal(size, 40 * MIB);
      assert.ok(blocks * 512 <= 8192, `${blocks} blocks`);
    }),
  );

  it(
    "are scanned: segments and data make up the file again, and say nothing of how it is stored",
    withFolder(async (folder) => {
      const [dense, sparse] = [path.join(folder, "dense"), path.join(folder, "sparse")];
      await fc.assert(
        fc.asyncProperty(runs, async (parts) => {
          const content = contentOf(parts);
          await writeFile(dense, content);
          const scan = await scanSparse(dense, { digests: ["sha256"] });
          assert.equal(scan.sizeBytes, content.length);
          assert.equal(scan.digests.sha256, digestOf(content));
          const chunks: Buffer[] = [];
          for await (const chunk of readScanned(scan)) chunks.push(chunk);
          const data = Buffer.concat(chunks);
          const pieces: (readonly [number, Buffer])[] = [];
          let at = 0;
          for (const { offset, length } of scan.segments) {
            pieces.push([offset, data.subarray(at, at + length)]);
            at += length;
          }
          assert.equal(at, data.length);
          await writeSparse(sparse, scan.sizeBytes, pieces);
          assert.ok((await readFile(sparse)).equals(content));
          assert.deepEqual((await scanSparse(sparse, { digests: [] })).segments, scan.segments);
        }),
        { numRuns: 60 },
      );
    }),
  );

  it(
    "are refused when they change between scan and reading",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      await writeFile(file, "before");
      const scan = await scanSparse(file, { digests: [] });
      await rm(file);
      await writeFile(file, "after!");
      await assert.rejects(
        async () => {
          for await (const chunk of readScanned(scan)) void chunk;
        },
        (error) => error instanceof ApplianceError && error.code === "LIB_FILE_CHANGED",
      );
    }),
  );
});

describe("writing tar archives", () => {
  it("encodes the map of pax sparse 1.0, closed by an empty segment when a hole ends the file", () => {
    const map = (text: string): Buffer => Buffer.concat([Buffer.from(text)], 512);
    assert.deepEqual(encodeSparseMap([], 5), map("1\n5\n0\n"));
    assert.deepEqual(encodeSparseMap([{ offset: 4096, length: 4 }], 4100), map("1\n4096\n4\n"));
    assert.deepEqual(
      encodeSparseMap([{ offset: 4096, length: 4 }], 9000),
      map("2\n4096\n4\n9000\n0\n"),
    );
  });

  it(
    "writes what we and GNU tar read: long names, sizes beyond 8 GiB, holes",
    withFolder(async (folder) => {
      const data = noise(5000);
      const big = 9 * 1024 ** 3 + 5;
      const long = `${"folder/".repeat(30)}${"ü".repeat(100)}.raw`;
      const file = (name: string, sizeBytes: number, offset: number): TarMember => ({
        kind: "file",
        path: name,
        sizeBytes,
        segments: [{ offset, length: data.length }],
        data: () => [data],
      });
      const members: readonly TarMember[] = [
        { kind: "directory", path: "folder" },
        file("plain", 5000, 0),
        file(long, 5000, 0),
        file("big", big, 8 * 1024 ** 3 + 1),
        file(`sparse ${long}`, 50_000, 4096),
      ];
      const chunks: Buffer[] = [];
      const archiveStream: AsyncIterable<Uint8Array> = writeTar(members, { mtimeSeconds: 1 });
      for await (const chunk of archiveStream) chunks.push(Buffer.from(chunk));
      const archive = path.join(folder, "t.tar");
      await writeFile(archive, Buffer.concat(chunks));
      await tar("-C", folder, "-xf", archive);
      for (const member of members) {
        if (member.kind !== "file") continue;
        const { size, blocks } = await stat(path.join(folder, member.path));
        assert.equal(size, member.sizeBytes);
        assert.ok(blocks * 512 < 20_000);
        const handle = await open(path.join(folder, member.path));
        const { offset } = member.segments[0] ?? { offset: 0 };
        const { buffer } = await handle.read(Buffer.alloc(5000), 0, 5000, offset);
        await handle.close();
        assert.ok(buffer.equals(data));
      }
      // Our reader would hold the big member in memory to show it: its header is enough.
      const reader = new ByteReader(bytesSource(Buffer.concat(chunks), 1000));
      const seen: (readonly [string, number])[] = [];
      for await (const entry of readTar(reader, { origin: "t.tar" })) {
        if (entry.type === "file") seen.push([entry.path, entry.sizeBytes]);
      }
      const files = members.filter((member) => member.kind === "file");
      assert.deepEqual(
        seen,
        files.map((member) => [member.path, member.sizeBytes]),
      );
    }),
  );

  it("hands on what a member throws, and ends", async () => {
    const failing: TarMember = {
      kind: "file",
      path: "x",
      sizeBytes: 10,
      segments: [{ offset: 0, length: 10 }],
      data: async function* () {
        yield Buffer.from("12345");
        throw new ApplianceError("LIB_FILE_CHANGED", "x: changed");
      },
    };
    await assert.rejects(
      async () => {
        for await (const chunk of writeTar([failing], { mtimeSeconds: 1 })) void chunk;
      },
      (error) => error instanceof ApplianceError && error.code === "LIB_FILE_CHANGED",
    );
  });
});
