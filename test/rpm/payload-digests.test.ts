import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { beginPayloadHasher, payloadHasher } from "../../src/rpm/native/payload-digests.ts";

/** Large enough for a thread. */
const LARGE_BYTES = 1024 ** 3;

describe("the digests of a payload", () => {
  for (const format of [4, 6] as const) {
    for (const payloadBytes of [0, LARGE_BYTES]) {
      const where = payloadBytes === 0 ? "in place" : "in a thread";
      it(`are the same ${where}, format ${format}`, async () => {
        const expected = payloadHasher(format);
        await using hasher = await beginPayloadHasher(format, payloadBytes);
        const block = Buffer.alloc(256 * 1024);
        for (let n = 0; n < 20; n += 1) {
          // One buffer for all blocks, as the writer has it.
          block.set(randomBytes(block.length));
          expected.update(block);
          await hasher.update(block);
        }
        assert.deepEqual([...(await hasher.finish())], [...expected.finish()]);
      });
    }
  }
});
