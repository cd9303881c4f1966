import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { ApplianceError } from "../../src/errors.ts";
import {
  decodeMember,
  encodeMember,
  noteOf,
  splitMembers,
  withNote,
} from "../../src/repodata/gzip-member.ts";

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

  it("ends at a member whose size is given as 0", async () => {
    const member = await encodeMember(Buffer.from("hello"));
    for (const length of [0, 1, 19, 27, member.length + 1, 0xffffffff]) {
      const damaged = Buffer.from(member);
      damaged.writeUInt32LE(length, 16);
      assert.equal(splitMembers(damaged), undefined, `length ${length}`);
    }
  });

  it("keeps a note beside the content, for who looks for it", async () => {
    const note = Buffer.from("17 1700000000 packages/a.rpm");
    const member = await encodeMember(Buffer.from("hello"), note);
    assert.equal(gunzipSync(member).toString(), "hello");
    assert.deepEqual(noteOf(member), note);
    assert.deepEqual(splitMembers(Buffer.concat([member, member])), [member, member]);
    const bare = await encodeMember(Buffer.from("hello"));
    assert.equal(noteOf(bare).length, 0);
    assert.deepEqual(withNote(bare, note), member);
    assert.deepEqual(withNote(member, Buffer.alloc(0)), bare);
    for (const at of [10, 20, 21, 22]) {
      const damaged = Buffer.from(member);
      damaged.writeUInt8((damaged[at] ?? 0) ^ 1, at);
      assert.equal(splitMembers(damaged), undefined, `byte ${at}`);
    }
  });

  it("stops at the size that was announced", async () => {
    const bomb = await encodeMember(Buffer.alloc(10_000_000));
    await assert.rejects(
      decodeMember(bomb, { origin: "x-primary.xml.gz", maxBytes: 1000 }),
      (error) => error instanceof ApplianceError && error.code === "REPODATA_DAMAGED",
    );
  });
});
