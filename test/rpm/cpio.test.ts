import assert from "node:assert/strict";
import {
  cpioPadding,
  encodeNewcEntry,
  encodeStrippedEntry,
  encodeTrailer,
  LARGE_FILE_BYTES,
} from "../../src/rpm/format/cpio.ts";

const entry = { path: "/opt/a", mode: 0o100644, inode: 1, mtimeSeconds: 1700000000, sizeBytes: 6 };

describe("cpio codec", () => {
  it("encodes an entry as rpm does, padded to 4 bytes", () => {
    const fields = [
      "070701", // magic
      "00000001", // inode
      "000081a4", // mode
      "00000000", // uid
      "00000000", // gid
      "00000001", // links
      "6553f100", // mtime
      "00000006", // size
      "00000000".repeat(4), // devices
      "00000008", // length of the name
      "00000000", // checksum
      "./opt/a\0",
      "\0\0", // 110 + 8 is two short of a multiple of 4
    ];
    assert.equal(encodeNewcEntry(entry).toString("latin1"), fields.join(""));
  });

  it("counts the name in bytes", () => {
    const bytes = encodeNewcEntry({ ...entry, path: "/opt/ü" });
    assert.equal(bytes.toString("latin1", 94, 102), "00000009");
    assert.equal(bytes.length % 4, 0);
  });

  it("encodes a stripped entry in 16 bytes", () => {
    assert.equal(encodeStrippedEntry(0xabcd).toString("latin1"), "07070X0000abcd\0\0");
  });

  it("encodes the trailer as rpm does", () => {
    const zero = "00000000";
    const fields = ["070701", zero.repeat(4), "00000001", zero.repeat(6), "0000000b", zero];
    assert.equal(encodeTrailer().toString("latin1"), `${fields.join("")}TRAILER!!!\0\0\0\0`);
  });

  it("cannot encode a file of 4 GiB less one byte", () => {
    const sizeBytes = LARGE_FILE_BYTES;
    assert.throws(() => encodeNewcEntry({ ...entry, sizeBytes }), TypeError);
    assert.ok(encodeNewcEntry({ ...entry, sizeBytes: sizeBytes - 1 }).includes("fffffffe"));
  });

  it("pads to multiples of 4", () => {
    assert.deepEqual([0, 1, 2, 3, 4, 2 ** 33 + 1].map(cpioPadding), [0, 3, 2, 1, 0, 3]);
  });
});
