import type { ErrorCode } from "../../src/errors.ts";
import { descriptorOf, noise } from "./appliance-fixture.ts";
import { paxHeader, type RawMember, tarMember } from "./tar-bytes.ts";

/** Archives that must be refused, each with what it is refused with. */

/** A sound descriptor of one disk. */
export const descriptorMember: RawMember = {
  name: "web/appliance.xml",
  data: descriptorOf([{ file: "disk.raw" }]),
};
/** The disk. */
export const diskMember: RawMember = { name: "web/disk.raw", data: noise(3000) };

/** A name that would show if anything were written outside. */
export const OUTSIDE = "virt-appliance-outside";

/** Members behind a sound descriptor and disk, and the refusal they lead to. */
export interface Hostile {
  readonly members: readonly (RawMember | Buffer)[];
  readonly code: ErrorCode;
  readonly message: RegExp;
}

const sparse10 = (records: readonly (readonly [string, string])[]): Buffer =>
  paxHeader([
    ["GNU.sparse.major", "1"],
    ["GNU.sparse.minor", "0"],
    ["GNU.sparse.name", "web/other.raw"],
    ...records,
  ]);

const oldSparse = (
  entries: readonly (readonly [number, number])[],
  realSize: number,
): ((block: Buffer) => void) =>
  ((block) => {
    for (const [index, [offset, length]] of entries.entries()) {
      block.write(`${offset.toString(8).padStart(11, "0")}\0`, 386 + index * 24);
      block.write(`${length.toString(8).padStart(11, "0")}\0`, 398 + index * 24);
    }
    block.write(`${realSize.toString(8).padStart(11, "0")}\0`, 483);
  }) satisfies RawMember["patch"];

/** By what is wrong with it. */
export const hostileArchives: Readonly<Record<string, Hostile>> = {
  "a path with ..": {
    members: [{ name: `web/../../${OUTSIDE}`, data: "x" }],
    code: "LIB_UNSAFE_PATH",
    message: /leaves its folder through "\.\."/,
  },
  "an absolute path": {
    members: [{ name: `/tmp/${OUTSIDE}`, data: "x" }],
    code: "LIB_UNSAFE_PATH",
    message: /is absolute/,
  },
  "an absolute path in a pax header": {
    members: [paxHeader([["path", `/tmp/${OUTSIDE}`]]), { name: "web/fine", data: "x" }],
    code: "LIB_UNSAFE_PATH",
    message: /is absolute/,
  },
  "a path with .. in a GNU long name": {
    members: [
      { name: "././@LongLink", type: "L", data: `../${OUTSIDE}\0`, magic: "gnu" },
      { name: "web/fine", data: "x", magic: "gnu" },
    ],
    code: "LIB_UNSAFE_PATH",
    message: /leaves its folder/,
  },
  "a path with .. in a sparse name": {
    members: [
      paxHeader([
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.minor", "0"],
        ["GNU.sparse.name", `../${OUTSIDE}`],
        ["GNU.sparse.realsize", "1"],
      ]),
      { name: "web/fine", data: `0\n${"\0".repeat(510)}` },
    ],
    code: "LIB_UNSAFE_PATH",
    message: /leaves its folder/,
  },
  "control characters in a path": {
    members: [paxHeader([["path", "web/\u001b[2Jx"]]), { name: "x", data: "x" }],
    code: "LIB_UNSAFE_PATH",
    message: /path "web\/\\x1b\[2Jx" contains a control character/,
  },
  "a NUL in a pax path": {
    members: [paxHeader([["path", "web/a\0b"]]), { name: "x", data: "x" }],
    code: "LIB_UNSAFE_PATH",
    message: /control character/,
  },
  "a name that is not UTF-8": {
    members: [{ name: "x", patch: (block) => block.write("web/\xff\xfe", 0, "latin1") }],
    code: "LIB_TAR_CORRUPT",
    message: /name is not UTF-8, at byte/,
  },
  "a component longer than file systems take": {
    members: [paxHeader([["path", `web/${"x".repeat(300)}`]]), { name: "x", data: "x" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /longer than 255 bytes/,
  },
  "folders inside each other without end": {
    members: [paxHeader([["path", "d/".repeat(500)]]), { name: "x", type: "5" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /lies 500 folders deep, expected at most 32/,
  },
  "a path longer than the system's": {
    members: [paxHeader([["path", "abcd/".repeat(900)]]), { name: "x", type: "5" }],
    code: "LIB_UNSAFE_PATH",
    message: /longer than/,
  },
  "an absolute symbolic link": {
    members: [{ name: "web/link", type: "2", linkName: "/etc/passwd" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/link" is a symbolic link to the absolute path "\/etc\/passwd"/,
  },
  "a symbolic link out of the archive": {
    members: [{ name: "web/link", type: "2", linkName: "../../etc/passwd" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/link" is a symbolic link to ".*", which leaves the archive/,
  },
  "a folder that is a symbolic link, and a file through it": {
    members: [
      { name: "web/dir", type: "2", linkName: "." },
      { name: "web/dir/file", data: "x" },
    ],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/dir\/file" lies below the file "web\/dir"/,
  },
  "a symbolic link to a folder": {
    members: [
      { name: "web/sub/file", data: "x" },
      { name: "web/dir", type: "2", linkName: "sub" },
    ],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/dir" is a link to "web\/sub", which is not a file of the archive/,
  },
  "symbolic links in a circle": {
    members: [
      { name: "web/a", type: "2", linkName: "b" },
      { name: "web/b", type: "2", linkName: "a" },
    ],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/a" is a link to "web\/b", which is not a file/,
  },
  "a hard link out of the archive": {
    members: [{ name: "web/link", type: "1", linkName: "../../etc/passwd" }],
    code: "LIB_UNSAFE_PATH",
    message: /target of link "web\/link": path ".*" leaves its folder/,
  },
  "an absolute hard link": {
    members: [{ name: "web/link", type: "1", linkName: "/etc/passwd" }],
    code: "LIB_UNSAFE_PATH",
    message: /is absolute/,
  },
  "a character device": {
    members: [{ name: "web/null", type: "3" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/null" is a character device, expected a file or a folder/,
  },
  "a block device": {
    members: [{ name: "web/sda", type: "4" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /is a block device/,
  },
  "a fifo": {
    members: [{ name: "web/pipe", type: "6" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /is a fifo/,
  },
  "a member of an unknown type": {
    members: [{ name: "web/x", type: "M", data: "x" }],
    code: "LIB_TAR_CORRUPT",
    message: /"web\/x" has the unknown type "M", at byte/,
  },
  "a file twice": {
    members: [{ name: "web/./disk.raw", data: "other" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/disk\.raw" appears twice/,
  },
  "a file where a folder is": {
    members: [{ name: "web", data: "x" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web" appears twice/,
  },
  "a file below a file": {
    members: [{ name: "web/disk.raw/x", data: "x" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /lies below the file "web\/disk\.raw"/,
  },
  "a case twin": {
    members: [{ name: "web/DISK.raw", data: "x" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"web\/DISK\.raw" differs from "web\/disk\.raw" only in case/,
  },
  "a case twin of a folder": {
    members: [{ name: "WEB/other", data: "x" }],
    code: "SOURCE_MEMBER_REFUSED",
    message: /"WEB\/other" differs from "web" only in case/,
  },
  "a twin in Unicode normalisation": {
    members: [
      { name: "web/caf\u00e9", data: "x" },
      { name: "web/cafe\u0301", data: "x" },
    ],
    code: "SOURCE_MEMBER_REFUSED",
    message: /differs from .* only in case or in the encoding of its letters/,
  },
  "a negative size": {
    members: [{ name: "web/x", sizeField: Buffer.alloc(12, 0xff) }],
    code: "LIB_TAR_CORRUPT",
    message: /size -1 is negative/,
  },
  "a size beyond all numbers": {
    members: [{ name: "web/x", sizeField: Buffer.from("807fffffffffffffffffffff", "hex") }],
    code: "LIB_TAR_CORRUPT",
    message: /size is too large/,
  },
  "a size beyond the cap": {
    members: [{ name: "web/x", sizeField: Buffer.from("800000000000100000000000", "hex") }],
    code: "LIB_LIMIT_EXCEEDED",
    message: /member "web\/x" of 16\.0 TiB .* at most 2\.0 TiB/,
  },
  "a size that is no number": {
    members: [{ name: "web/x", sizeField: "12garbage\0\0\0" }],
    code: "LIB_TAR_CORRUPT",
    message: /size "12garbage" is not an octal number/,
  },
  "a folder with data": {
    members: [{ name: "web/dir/", type: "5", data: "x" }],
    code: "LIB_TAR_CORRUPT",
    message: /"web\/dir\/" is a directory with 1 bytes of data/,
  },
  "a header with a wrong checksum": {
    members: [{ name: "web/x", damage: (block) => block.write("y", 4) }],
    code: "LIB_TAR_CORRUPT",
    message: /header has a wrong checksum, at byte \d+/,
  },
  "an endless long name": {
    members: [{ name: "x", type: "L", sizeField: "77777777777\0", magic: "gnu" }],
    code: "LIB_LIMIT_EXCEEDED",
    message: /extended header of 8\.0 GiB, expected at most 16\.0 MiB/,
  },
  "an extended header that is no records": {
    members: [tarMember({ name: "x", type: "x", data: "99999 path=x\n" })],
    code: "LIB_TAR_CORRUPT",
    message: /record is not LENGTH KEY=VALUE/,
  },
  "a global header that renames every member": {
    members: [tarMember({ name: "g", type: "g", data: "11 path=xy\n" })],
    code: "LIB_TAR_CORRUPT",
    message: /global extended header sets path/,
  },
  "a sparse map out of order": {
    members: [
      sparse10([["GNU.sparse.realsize", "8192"]]),
      { name: "x", data: `2\n4096\n2\n0\n2\n${"\0".repeat(499)}data` },
    ],
    code: "LIB_TAR_CORRUPT",
    message: /"web\/other\.raw" has an invalid sparse map: segment 1 begins at 0, inside or before/,
  },
  "a sparse map beyond its file": {
    members: [
      sparse10([["GNU.sparse.realsize", "100"]]),
      { name: "x", data: `1\n4096\n4\n${"\0".repeat(503)}data` },
    ],
    code: "LIB_TAR_CORRUPT",
    message: /segment 0 ends at 4100, beyond the file's 100/,
  },
  "a sparse map of more data than there is": {
    members: [
      sparse10([["GNU.sparse.realsize", "8192"]]),
      { name: "x", data: `1\n0\n5000\n${"\0".repeat(503)}data` },
    ],
    code: "LIB_TAR_CORRUPT",
    message: /it describes 5000 bytes, but 4 are stored/,
  },
  "a sparse map with a billion segments": {
    members: [
      sparse10([["GNU.sparse.realsize", "8192"]]),
      { name: "x", data: `1000000000\n${"\0".repeat(501)}` },
    ],
    code: "LIB_TAR_CORRUPT",
    message: /sparse map has more than 500000 segments/,
  },
  "an old GNU map that overlaps": {
    members: [
      {
        name: "web/other.raw",
        type: "S",
        magic: "gnu",
        data: "datadata",
        patch: oldSparse(
          [
            [0, 4],
            [2, 4],
          ],
          8192,
        ),
      },
    ],
    code: "LIB_TAR_CORRUPT",
    message: /segment 1 begins at 2/,
  },
  "a hole beyond the cap": {
    members: [
      {
        name: "web/other.raw",
        type: "S",
        magic: "gnu",
        patch: (block) => {
          oldSparse([], 0)(block);
          Buffer.from("800000000000100000000000", "hex").copy(block, 483);
        },
      },
    ],
    code: "LIB_LIMIT_EXCEEDED",
    message: /member "web\/other\.raw" of 16\.0 TiB /,
  },
  "a header behind a single block of zeros": {
    members: [Buffer.alloc(512), { name: "web/hidden", data: "x" }],
    code: "LIB_TAR_CORRUPT",
    message: /data follows a single block of zeros, at byte/,
  },
};
