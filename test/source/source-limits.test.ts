import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { listDirectory } from "../../src/source/list-directory.ts";
import { defaultSourceLimits } from "../../src/source/model.ts";
import { readArchive } from "../../src/source/read-archive.ts";
import { testContext } from "../support/context.ts";
import { isError } from "../support/is-error.ts";
import { tarBytes } from "../fixtures/tar-bytes.ts";
import { withFolder } from "../support/temporary.ts";

describe("limits of a source", () => {
  it(
    "hold for a folder, its folders counted in",
    withFolder(async (folder) => {
      await mkdir(path.join(folder, "sub"));
      await writeFile(path.join(folder, "sub", "a"), "");
      await writeFile(path.join(folder, "b"), "");
      const list = (maxMembers: number) =>
        listDirectory(folder, testContext(), { limits: { ...defaultSourceLimits, maxMembers } });
      assert.equal((await list(3)).files.length, 2);
      await assert.rejects(
        list(2),
        isError("LIB_LIMIT_EXCEEDED", /folder contains more than 2 files/),
      );
    }),
  );

  it(
    "the checksum of compressed data is checked even after the end marker of the archive",
    withFolder(async (folder) => {
      const archive = path.join(folder, "web.tar.gz");
      const tar = tarBytes({ name: "web/README", data: "x" });
      const padding = Buffer.alloc(1024 * 1024);
      const good = gzipSync(Buffer.concat([tar, padding]));
      const read = async (content: Uint8Array): Promise<number> => {
        await writeFile(archive, content);
        const options = {
          limits: defaultSourceLimits,
          spoolFolder: undefined,
          digestsOf: () => [],
          onFile: () => {},
        };
        return (await readArchive(archive, testContext(), options)).length;
      };
      assert.equal(await read(good), 1);
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(bad.length - 8) ^ 1, bad.length - 8);
      await assert.rejects(read(bad), isError("LIB_COMPRESSED_CORRUPT", /damaged or cut short/));
    }),
  );
});
