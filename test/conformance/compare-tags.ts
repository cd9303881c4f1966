import assert from "node:assert/strict";
import { type HeaderKind, headerTags, signatureTags } from "../../src/rpm/format/tags.ts";
import type { PayloadCompression } from "../../src/package/index.ts";
import type { RpmFormat, RpmHeader, RpmPackage } from "../../src/rpm/index.ts";

/** Tags that may differ, such as `main COOKIE`, and why; `absent` are those that the first package must not have. */
export type Exemptions = Readonly<
  Record<
    string,
    {
      readonly how: "absent" | "other";
      readonly why: string;
      /** Whether the number of elements may differ too. The type never may. */
      readonly count?: "other";
    }
  >
>;

/** Tags that differ from rpmbuild's, and why; `absent` are those that we leave out. */
const exemptions: Exemptions = {
  "main RPMVERSION": { how: "other", why: "names the oldest rpm that reads it, not the writer" },
  "main EXCLUSIVEARCH": { how: "absent", why: "tells build systems where to build" },
  "main COOKIE": { how: "absent", why: "ties a binary to the sources built in the same run" },
  "main OPTFLAGS": { how: "absent", why: "compiler flags of the build host; nothing is compiled" },
  "main PLATFORM": { how: "absent", why: "names the build host's distribution" },
  "main FILECOLORS": { how: "absent", why: "zero for all that is not ELF, as rpm reads absence" },
  "main FILECLASS": { how: "absent", why: "index into CLASSDICT" },
  "main CLASSDICT": { how: "absent", why: "guesses of libmagic, which differ with its version" },
  "signature SHA1": { how: "absent", why: "rpm 4.14 and later check SHA256; rpm 6 ignores it" },
  "signature MD5": {
    how: "absent",
    why: "as SHA1, and it would need a second read of the payload",
  },
  "signature SHA256": { how: "other", why: "covers the header, which differs by the tags above" },
  "signature SIZE": { how: "other", why: "counts the header, which differs by the tags above" },
  "signature RESERVEDSPACE": {
    how: "other",
    count: "other",
    why: "takes the place of the tags left out",
  },
};

/** Exempt for a compressed payload alone: another compressor, or the same called another way. */
const compressedExemptions: Exemptions = {
  "main PAYLOADSHA256": {
    how: "other",
    why: "another compressor; the archive's digest is compared",
  },
};

/** Exempt for an uncompressed payload alone. */
const plainExemptions: Exemptions = {
  "main PAYLOADSHA256ALT": {
    how: "absent",
    why: "the same as PAYLOADSHA256; rpm would digest twice",
  },
};

/** Returns the tags in which a package of rpmbuild may differ from ours. */
export function permitted(payload: PayloadCompression, format: RpmFormat = 4): Exemptions {
  const plain = format === 4 ? plainExemptions : {};
  return {
    ...exemptions,
    ...(payload.compressor === "none" ? plain : compressedExemptions),
    "main FILESIZES": { how: "other", why: "sizes of directories; compared without them" },
    "main LONGFILESIZES": { how: "other", why: "sizes of directories; compared without them" },
  };
}

const namesByNumber: Readonly<Record<HeaderKind, ReadonlyMap<number, string>>> = {
  main: new Map(Object.entries(headerTags).map(([name, [number]]) => [number, name])),
  signature: new Map(Object.entries(signatureTags).map(([name, [number]]) => [number, name])),
};

interface TagValue {
  readonly type: string;
  readonly count: number;
  readonly hex: string;
}

function tagValues(header: RpmHeader): Map<string, TagValue> {
  return new Map(
    header.entries.map(({ tag, type, count, bytes }) => [
      `${header.kind} ${namesByNumber[header.kind].get(tag) ?? tag}`,
      { type, count, hex: bytes.toString("hex") },
    ]),
  );
}

/** Sizes of directories are the build host's file system's, and 0 in ours. */
export function withoutDirectorySizes(rpm: RpmPackage): number[] {
  const modes = rpm.header.integers("FILEMODES");
  return rpm.header
    .integers(rpm.header.has("LONGFILESIZES") ? "LONGFILESIZES" : "FILESIZES")
    .map((size, i) => ((modes[i] ?? 0) >> 12 === 4 ? 0 : size));
}

/** Compares all tags of two packages but those that may differ. */
export function compareTags(ours: RpmPackage, theirs: RpmPackage, reasons: Exemptions): void {
  for (const kind of ["header", "signature"] as const) {
    const [a, b] = [tagValues(ours[kind]), tagValues(theirs[kind])];
    for (const tag of new Set([...a.keys(), ...b.keys()])) {
      const reason = reasons[tag];
      if (reason?.how === "absent") assert.equal(a.get(tag), undefined, tag);
      if (reason === undefined) assert.deepEqual(a.get(tag), b.get(tag), tag);
      if (reason?.how !== "other") continue;
      const [one, other] = [a.get(tag), b.get(tag)];
      if (one === undefined || other === undefined) continue;
      assert.equal(one.type, other.type, tag);
      if (reason.count !== "other") assert.equal(one.count, other.count, tag);
    }
  }
}
