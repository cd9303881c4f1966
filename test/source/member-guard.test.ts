import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";
import type { TarEntry } from "../../src/lib/tar/read.ts";
import { MemberGuard } from "../../src/source/member-guard.ts";
import { defaultSourceLimits } from "../../src/source/model.ts";

type Member = Partial<TarEntry> & Pick<TarEntry, "path">;

const limits = { ...defaultSourceLimits, maxMembers: 3, maxExpandedBytes: 100 };

/** Admits members one after the other; returns the path of the last. */
function admit(...members: readonly Member[]): string | undefined {
  const guard = new MemberGuard("web.tar", limits);
  let last: string | undefined;
  for (const member of members) {
    const entry = { type: "file", sizeBytes: 0, linkTarget: "", ...member } as TarEntry;
    last = guard.admit(entry)?.path;
  }
  return last;
}

describe("members of an archive", () => {
  const taken: Readonly<Record<string, readonly Member[]>> = {
    "as many as allowed": [{ path: "a" }, { path: "b" }, { path: "c" }],
    "as many bytes as allowed": [
      { path: "a", sizeBytes: 60 },
      { path: "b", sizeBytes: 40 },
    ],
    "a folder that comes twice, or after what is in it": [
      { path: "web/c" },
      { path: "web", type: "directory" },
      { path: "web/", type: "directory" },
    ],
    "names at their greatest length and depth": [
      { path: "x".repeat(255) },
      { path: `${"d/".repeat(31)}c` },
    ],
  };
  for (const [what, members] of Object.entries(taken)) {
    it(`are taken: ${what}`, () => {
      assert.equal(typeof admit(...members), "string");
    });
  }

  const refused: Readonly<Record<string, readonly [readonly Member[], RegExp]>> = {
    "one more than allowed": [
      [{ path: "a" }, { path: "b" }, { path: "c" }, { path: "d" }],
      /LIB_LIMIT_EXCEEDED web\.tar: archive has more than 3 members/,
    ],
    "more bytes than allowed": [
      [
        { path: "a", sizeBytes: 60 },
        { path: "b", sizeBytes: 41 },
      ],
      /LIB_LIMIT_EXCEEDED web\.tar: member "b" of 41 B brings the archive to 101 B expanded/,
    ],
    "a file that comes twice": [
      [{ path: "web/disk" }, { path: "./web/disk" }],
      /SOURCE_MEMBER_REFUSED web\.tar: member "web\/disk" appears twice/,
    ],
    "a file where a folder was": [
      [{ path: "web", type: "directory" }, { path: "web" }],
      /SOURCE_MEMBER_REFUSED .* appears twice/,
    ],
    "a file below a file": [
      [{ path: "web" }, { path: "web/disk" }],
      /SOURCE_MEMBER_REFUSED .* lies below the file "web"/,
    ],
    "two names that differ in case": [
      [{ path: "web/disk" }, { path: "web/Disk" }],
      /SOURCE_MEMBER_REFUSED .*"web\/Disk" differs from "web\/disk" only in case/,
    ],
    "folders that differ in case": [
      [{ path: "web/disk" }, { path: "WEB/other" }],
      /SOURCE_MEMBER_REFUSED .* differs from "web" only in case/,
    ],
    "two names that differ in how a letter is encoded": [
      [{ path: "caf\u00e9" }, { path: "cafe\u0301" }],
      /SOURCE_MEMBER_REFUSED .* differs from .* only in case or in the encoding of its letters/,
    ],
    "a name of 256 bytes": [[{ path: "x".repeat(256) }], /SOURCE_MEMBER_REFUSED .* 255 bytes/],
    "a name 33 folders deep": [
      [{ path: `${"d/".repeat(32)}c` }],
      /SOURCE_MEMBER_REFUSED .* lies 33 folders deep, expected at most 32/,
    ],
    "a device": [
      [{ path: "null", type: "character device" }],
      /SOURCE_MEMBER_REFUSED .* is a character device, expected a file or a folder/,
    ],
    "a symbolic link out of the archive": [
      [{ path: "web/disk", type: "symbolic link", linkTarget: "../../etc/shadow" }],
      /SOURCE_MEMBER_REFUSED .* leaves the archive/,
    ],
    "a hard link out of the archive": [
      [{ path: "disk", type: "hard link", linkTarget: "../shadow" }],
      /LIB_UNSAFE_PATH /,
    ],
  };
  for (const [what, [members, expected]] of Object.entries(refused)) {
    it(`are refused: ${what}`, () => {
      assert.throws(
        () => admit(...members),
        (error) => {
          assert.ok(error instanceof ApplianceError, String(error));
          assert.match(`${error.code} ${error.message}`, expected);
          return true;
        },
      );
    });
  }
});
