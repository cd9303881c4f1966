import assert from "node:assert/strict";
import type { FileHandle } from "node:fs/promises";
import { writeAll } from "../../../src/lib/bytes/write-all.ts";

/** A file that takes at most three bytes at a time, as a system may that is short of space or interrupted. */
function reluctantFile(): { readonly handle: FileHandle; readonly content: Buffer } {
  const content = Buffer.alloc(16, ".");
  let cursor = 0;
  const write = (bytes: Buffer, from: number, length: number, position: number | null) => {
    const bytesWritten = Math.min(3, length);
    const start = position ?? cursor;
    bytes.copy(content, start, from, from + bytesWritten);
    cursor = start + bytesWritten;
    return Promise.resolve({ bytesWritten, buffer: bytes });
  };
  return { handle: { write } as unknown as FileHandle, content };
}

describe("writeAll", () => {
  it("writes on until all is written, at a place", async () => {
    const { handle, content } = reluctantFile();
    await writeAll(handle, Buffer.from("0123456789"), 4);
    assert.equal(content.toString(), "....0123456789..");
  });

  it("writes on until all is written, where the file stands", async () => {
    const { handle, content } = reluctantFile();
    await writeAll(handle, Buffer.from("01234"));
    await writeAll(handle, Buffer.from("56789"));
    assert.equal(content.toString(), "0123456789......");
  });
});
