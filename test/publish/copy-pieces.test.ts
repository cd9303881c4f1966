import assert from "node:assert/strict";
import { createHash, randomFillSync } from "node:crypto";
import { lstat, open, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { directoryEffects } from "../../src/publish/directory-effects.ts";
import { copyPieces } from "../../src/publish/copy-pieces.ts";
import { withFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

async function makeFile(folder: string, sizeBytes: number): Promise<[file: string, Buffer]> {
  const file = path.join(folder, "from");
  const content = randomFillSync(Buffer.alloc(sizeBytes));
  await writeFile(file, content);
  return [file, content];
}

describe("a large file that is copied", () => {
  for (const sizeBytes of [0, 1, MIB, 9 * MIB + 17]) {
    it(
      `shows each of its ${sizeBytes} bytes once, and has them in its copy`,
      withFolder(async (folder) => {
        const [from, content] = await makeFile(folder, sizeBytes);
        const to = path.join(folder, "to");
        const hash = createHash("sha256");
        const observe = async (pieces: AsyncIterable<Buffer>): Promise<void> => {
          for await (const piece of pieces) {
            // The next piece is being read meanwhile, and must not change this one.
            await new Promise((resolve) => setImmediate(resolve));
            hash.update(piece);
          }
        };
        await directoryEffects.copyNew(from, to, { observe });
        assert.ok(content.equals(await readFile(to)));
        assert.equal(hash.digest("hex"), createHash("sha256").update(content).digest("hex"));
      }),
    );
  }

  it(
    "is whole though its observer has seen enough",
    withFolder(async (folder) => {
      const [from, content] = await makeFile(folder, 9 * MIB);
      const to = path.join(folder, "to");
      const observe = async (pieces: AsyncIterable<Buffer>): Promise<void> => {
        for await (const piece of pieces) if (piece.length > 0) break;
      };
      await directoryEffects.copyNew(from, to, { observe });
      assert.ok(content.equals(await readFile(to)));
    }),
  );

  it(
    "fails with its observer, or when it is interrupted",
    withFolder(async (folder) => {
      const [from] = await makeFile(folder, 9 * MIB);
      const observe = async (): Promise<void> => Promise.reject(new Error("no"));
      const one = directoryEffects.copyNew(from, path.join(folder, "one"), { observe });
      await assert.rejects(one, /^Error: no$/);
      const signal = AbortSignal.abort();
      const two = directoryEffects.copyNew(from, path.join(folder, "two"), { signal });
      await assert.rejects(two, { code: "LIB_INTERRUPTED", message: `${from}: interrupted` });
      assert.equal((await lstat(path.join(folder, "two"))).size, 0);
    }),
  );

  it(
    "is no whole copy when its observer hides a failure",
    withFolder(async (folder) => {
      const [from] = await makeFile(folder, 9 * MIB);
      const controller = new AbortController();
      const observe = async (pieces: AsyncIterable<Buffer>): Promise<void> => {
        const look = async (): Promise<void> => {
          for await (const piece of pieces) if (piece.length > 0) controller.abort();
        };
        await look().catch(() => undefined);
      };
      const { signal } = controller;
      const copied = directoryEffects.copyNew(from, path.join(folder, "to"), { observe, signal });
      await assert.rejects(copied, { code: "LIB_INTERRUPTED" });
    }),
  );

  it(
    "fails when its last piece cannot be written",
    withFolder(async (folder) => {
      const [from] = await makeFile(folder, 5 * MIB);
      await using source = await open(from, "r");
      // Open for reading only: EBADF.
      await using target = await open(from, "r");
      const pieces = copyPieces({
        from: { handle: source, name: "source" },
        to: { handle: target, name: "target" },
        signal: undefined,
      });
      await assert.rejects(
        async () => {
          for await (const piece of pieces) assert.ok(piece.length > 0);
        },
        { code: "LIB_IO", message: /^target: / },
      );
    }),
  );
});
