import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { openExpander } from "../../src/sign/payload-expander.ts";
import { testContext } from "../support/context.ts";

const MIB = 1024 * 1024;
const context = testContext();

async function expand(compression: string, payload: Buffer, maxBytes: number) {
  const expander = openExpander(compression, { hashes: ["sha256"], maxBytes }, context);
  for (let at = 0; at < payload.length; at += 4096)
    await expander.write(payload.subarray(at, at + 4096));
  return expander.finish();
}

describe("openExpander", () => {
  const zeros = Buffer.alloc(16 * MIB);
  const zstd = async (): Promise<Buffer> => {
    const { stdout } = await context.run("sh", [
      "-c",
      "head -c 16777216 /dev/zero | zstd -q -c | base64 -w0",
    ]);
    return Buffer.from(stdout, "base64");
  };

  for (const [compression, pack] of [
    ["gzip", async () => gzipSync(zeros)],
    ["zstd", zstd],
  ] as const) {
    it(`measures a ${compression} payload that is as large as was announced`, async () => {
      const result = await expand(compression, await pack(), zeros.length);
      assert.ok("sizeBytes" in result);
      assert.equal(result.sizeBytes, zeros.length);
      assert.equal(result.digests.get("sha256"), createHash("sha256").update(zeros).digest("hex"));
    });

    it(`cuts a ${compression} payload off where it becomes larger than was announced`, async () => {
      const result = await expand(compression, await pack(), MIB);
      assert.ok("fault" in result, "a bomb is not expanded to its end");
      assert.match(result.fault, /expands to more than the 1048576 bytes/);
    });
  }

  it("is done with a piece before its memory is used for the next", async () => {
    const content = randomBytes(8 * MIB);
    const payload = gzipSync(content);
    const maxBytes = content.length;
    const expander = openExpander("gzip", { hashes: ["sha256"], maxBytes }, context);
    const memory = Buffer.alloc(256 * 1024);
    for (let at = 0; at < payload.length; at += memory.length) {
      const length = payload.copy(memory, 0, at);
      await expander.write(memory.subarray(0, length));
      memory.fill(0);
    }
    const result = await expander.finish();
    assert.ok("digests" in result, JSON.stringify(result));
    assert.equal(result.digests.get("sha256"), createHash("sha256").update(content).digest("hex"));
  });

  it("reports damage after the whole payload was read", async () => {
    const payload = gzipSync(randomBytes(8 * MIB));
    payload.fill(0xff, 3 * MIB, 3 * MIB + 300_000);
    const result = await expand("gzip", payload, 8 * MIB);
    assert.ok("fault" in result);
    assert.match(result.fault, /^gzip payload: /);
  });
});
