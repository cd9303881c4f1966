import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { digestOf } from "../../../src/lib/bytes/digest.ts";
import { beginDigest } from "../../../src/lib/bytes/piecewise-digest.ts";

const KIB = 1024;
/** Large enough for a thread; no content need have it. */
const LARGE = 1024 * KIB * KIB;

async function digestOfPieces(
  pieces: readonly Uint8Array[],
  expectedBytes: number,
): Promise<string> {
  await using digest = await beginDigest(expectedBytes);
  // One buffer for all pieces, as who reads a file has it.
  const buffer = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    buffer.set(piece);
    await digest.update(buffer.subarray(0, piece.length));
    buffer.fill(0);
  }
  return await digest.finish();
}

describe("a digest of pieces", () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ["no piece", []],
    ["an empty piece", [0, 5, 0]],
    ["pieces of many sizes", [1, 256 * KIB, 256 * KIB + 1, 3, 1024 * KIB + 7]],
    ["more pieces than may wait", Array.from({ length: 40 }, (_, i) => 200 * KIB + i)],
  ];
  for (const [what, sizes] of cases) {
    for (const expectedBytes of [0, LARGE]) {
      const where = expectedBytes === 0 ? "" : " in a thread";
      it(`is right for ${what}${where}`, async () => {
        const pieces = sizes.map((size) => randomBytes(size));
        assert.equal(await digestOfPieces(pieces, expectedBytes), digestOf(Buffer.concat(pieces)));
      });
    }
  }

  it("is made in place when the system allows no other thread", async () => {
    const refuse = (): Promise<never> => Promise.reject(new Error("EAGAIN"));
    await using digest = await beginDigest(LARGE, refuse);
    await digest.update(Buffer.from("content"));
    assert.equal(await digest.finish(), digestOf("content"));
  });

  it("fails when its thread ends, and does not wait for ever", async () => {
    const digest = await beginDigest(LARGE);
    await digest[Symbol.asyncDispose]();
    await assert.rejects(digest.finish(), /thread that hashes has ended/);
  });

  it("can be given up with pieces that wait", async () => {
    await using digest = await beginDigest(LARGE);
    for (let n = 0; n < 8; n += 1) await digest.update(randomBytes(256 * KIB));
  });
});
