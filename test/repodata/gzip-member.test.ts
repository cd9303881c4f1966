import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { ApplianceError } from "../../src/errors.ts";
import { decodeMember, encodeMember, splitMembers } from "../../src/repodata/gzip-member.ts";

describe("gzip members", () => {
  it("starts with a header without time or system, and tells its own length", async () => {
    const member = await encodeMember(Buffer.from("hello"));
    assert.equal(member.toString("hex", 0, 16), "1f8b08040000000002ff080056410400");
    assert.equal(member.readUInt32LE(16), member.length);
  });

  it("is one file to gzip and to zlib, and can be taken apart again", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 6 }),
        async (parts) => {
          const members = await Promise.all(parts.map((part) => encodeMember(part)));
          const file = Buffer.concat(members);
          if (file.length > 0) assert.ok(gunzipSync(file).equals(Buffer.concat(parts)));
          assert.deepEqual(splitMembers(file), members);
          for (const [i, member] of members.entries()) {
            const options = { origin: "test", maxBytes: 3000 };
            assert.ok((await decodeMember(member, options)).equals(parts[i] ?? Buffer.alloc(0)));
          }
        },
      ),
      { numRuns: 50 },
    );
    const file = Buffer.concat([
      await encodeMember(Buffer.from("a")),
      await encodeMember(Buffer.from("b")),
    ]);
    assert.equal(execFileSync("gzip", ["-dc"], { input: file }).toString(), "ab");
  });

  it("does not take apart what others wrote, or what is cut short", async () => {
    const file = await encodeMember(randomBytes(100));
    assert.equal(splitMembers(file.subarray(0, -1)), undefined);
    assert.equal(splitMembers(Buffer.concat([file, Buffer.from("x")])), undefined);
    assert.equal(splitMembers(execFileSync("gzip", ["-c"], { input: "x" })), undefined);
  });

  it("stops at the size that was announced", async () => {
    const bomb = await encodeMember(Buffer.alloc(10_000_000));
    await assert.rejects(
      decodeMember(bomb, { origin: "x-primary.xml.gz", maxBytes: 1000 }),
      (error) => error instanceof ApplianceError && error.code === "REPODATA_DAMAGED",
    );
  });
});
