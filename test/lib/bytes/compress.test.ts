import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { open, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { ApplianceError } from "../../../src/errors.ts";
import { detectCompression, openDecompressed } from "../../../src/lib/bytes/compress.ts";
import {
  type WritableCompression,
  writeCompressed,
} from "../../../src/lib/bytes/compress-write.ts";
import { makeRun } from "../../../src/lib/exec.ts";
import { noise, runTool } from "../../fixtures/appliance-folder.ts";
import { testContext } from "../../support/context.ts";
import { isError } from "../../support/is-error.ts";
import { withFolder } from "../../support/temporary.ts";

const tools = ["gzip", "xz", "zstd", "bzip2"] as const;
const content = Buffer.concat([noise(700_000), Buffer.alloc(3_000_000), noise(1000)]);

async function readAll(
  file: string,
  options: { maxBytes?: number } = {},
  context = testContext(),
): Promise<Buffer> {
  await using source = await openDecompressed(file, context, options);
  const chunks: Buffer[] = [];
  for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

describe("compression", () => {
  for (const tool of tools) {
    it(
      `reads what ${tool} writes, also in several pieces, whatever the file is called`,
      withFolder(async (folder) => {
        const plain = path.join(folder, "plain");
        const file = path.join(folder, "file.iso");
        await writeFile(plain, content);
        const once = await runTool(tool, "-c", plain);
        await writeFile(file, Buffer.concat([once, once]));
        assert.equal(detectCompression(once), tool);
        assert.ok((await readAll(file)).equals(Buffer.concat([content, content])));
      }),
    );

    it(
      `refuses ${tool} data that is cut short or damaged`,
      withFolder(async (folder) => {
        const plain = path.join(folder, "plain");
        const file = path.join(folder, "file");
        await writeFile(plain, content);
        const whole = await runTool(tool, "-c", plain);
        const damaged = Buffer.from(whole);
        damaged[300_000] = (damaged[300_000] ?? 0) ^ 0x10;
        for (const bytes of [whole.subarray(0, -3), whole.subarray(0, 400_000), damaged]) {
          await writeFile(file, bytes);
          await assert.rejects(
            readAll(file),
            isError("LIB_COMPRESSED_CORRUPT", /file: \w+ data is damaged or cut short after \d+/),
          );
        }
      }),
    );

    it(
      `stops ${tool} at the cap`,
      withFolder(async (folder) => {
        const plain = path.join(folder, "plain");
        const file = path.join(folder, "bomb");
        await writeFile(plain, Buffer.alloc(20_000_000));
        await writeFile(file, await runTool(tool, "-c", plain));
        await assert.rejects(
          readAll(file, { maxBytes: 1_000_000 }),
          isError("LIB_LIMIT_EXCEEDED", /bomb: expands to more than 977 KiB/),
        );
      }),
    );
  }

  it(
    "names the tool that is not installed, exit status 4",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      await writeFile(file, Buffer.from("fd377a585a000000", "hex"));
      const { signal } = new AbortController();
      const context = testContext({ signal, run: makeRun(folder, signal) });
      await assert.rejects(readAll(file, {}, context), (error) => {
        assert.ok(error instanceof ApplianceError);
        assert.equal(error.code, "LIB_EXEC_MISSING");
        assert.equal(error.exitCode, 4);
        return true;
      });
    }),
  );

  it(
    "ends the tool when its output is not read to the end",
    withFolder(async (folder) => {
      const plain = path.join(folder, "plain");
      const file = path.join(folder, "file");
      // More than fits into the pipe and our buffer, however well it compresses.
      for (const bytes of [Buffer.alloc(50_000_000), randomBytes(20_000_000)]) {
        await writeFile(plain, bytes);
        await writeFile(file, await runTool("zstd", "-c", plain));
        const source = await openDecompressed(file, testContext());
        await source.next();
        await source[Symbol.asyncDispose]();
      }
    }),
  );

  for (const compression of ["none", "gzip", "xz", "zstd"] satisfies WritableCompression[]) {
    it(
      `writes ${compression} that is the same each time and reads back`,
      withFolder(async (folder) => {
        const written: Buffer[] = [];
        for (const name of ["a", "b"]) {
          const file = path.join(folder, name);
          const handle = await open(file, "w");
          await writeCompressed(Readable.from([content, content]), handle, {
            compression,
            context: testContext(),
          });
          await handle.close();
          written.push(await readFile(file));
          assert.ok((await readAll(file)).equals(Buffer.concat([content, content])));
        }
        assert.ok(written[0]?.equals(written[1] ?? Buffer.alloc(0)));
      }),
    );
  }

  it(
    "gives the error of what it reads, not that of the tool it feeds",
    withFolder(async (folder) => {
      async function* failing(): AsyncGenerator<Buffer> {
        yield content;
        throw new ApplianceError("LIB_FILE_CHANGED", "disk: changed");
      }
      for (const compression of ["none", "gzip", "zstd"] satisfies WritableCompression[]) {
        const handle = await open(path.join(folder, "x"), "w");
        await assert.rejects(
          writeCompressed(Readable.from(failing()), handle, {
            compression,
            context: testContext(),
          }),
          isError("LIB_FILE_CHANGED", /disk: changed/),
        );
        await handle.close();
      }
    }),
  );

  it(
    "ignores padding after a gzip member",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      await writeFile(file, Buffer.concat([gzipSync(Buffer.from("x")), Buffer.alloc(100)]));
      assert.equal((await readAll(file)).toString(), "x");
    }),
  );
});
