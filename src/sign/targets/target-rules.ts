/*
 * What keeps a package from being installed somewhere. Each row names the systems, and how the fact is known. Rules
 * about keys are in key-reach.ts.
 */
import { formatSize } from "../../lib/format-size.ts";
import type { LaxSignature } from "../signature-decode.ts";
import type { PackageFacts } from "./package-facts.ts";
import { type TargetName, targets } from "./target.ts";

/** Rules by their stable names. */
export type TargetCode =
  | "header-digest"
  | "payload-digest"
  | "file-digests"
  | "signature-header-size"
  | "not-signed"
  | "signature-tag"
  | "signature-algorithm"
  | "signature-sha1"
  | "rpmlib"
  | "caret"
  | "zstd-window"
  | "requires-missing"
  | "recommends-missing";

interface TargetRule {
  readonly targets: readonly TargetName[];
  /** What is wrong with a package for one target, as a sentence about the package; undefined if nothing. */
  readonly fault: (facts: PackageFacts, target: TargetName) => string | undefined;
  /** True if the package is installed all the same. */
  readonly isNote?: true;
  /** Source of this fact. */
  readonly source: string;
}

const SHA_1 = 2;
const MD5 = 1;
const MAX_SIGNATURE_HEADER_BYTES = 8192;
/** The largest window that zstd accepts by default, `ZSTD_WINDOWLOG_LIMIT_DEFAULT`; rpm does not raise it. */
const MAX_WINDOW_BYTES = 2 ** 27;

/** OpenPGP's numbers of signature algorithms, and the systems whose rpm cannot check them. */
const unsupported: readonly (readonly [
  algorithm: number,
  name: string,
  targets: readonly TargetName[],
])[] = [
  [22, "Ed25519", ["el8", "sle15"]],
  [19, "ECDSA", ["el8", "el9", "sle15"]],
  [17, "DSA", ["el9", "el10", "fedora"]],
];

/** The version of rpm that knows a feature, as `[major, minor]`. */
const features: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  BuiltinLuaScripts: [4, 2],
  CaretInVersions: [4, 15],
  CompressedFileNames: [3, 0],
  ConcurrentAccess: [4, 1],
  DynamicBuildRequires: [4, 15],
  ExplicitPackageProvide: [4, 0],
  FileCaps: [4, 6],
  FileDigests: [4, 6],
  HeaderLoadSortsTags: [4, 0],
  LargeFiles: [4, 12],
  PartialHardlinkSets: [4, 0],
  PayloadFilesHavePrefix: [4, 0],
  PayloadIsBzip2: [3, 0],
  PayloadIsLzma: [4, 4],
  PayloadIsXz: [4, 8],
  // Named 5.4.18-1; RHEL 8 and SLE 15 have it in their 4.14.
  PayloadIsZstd: [4, 14],
  RichDependencies: [4, 12],
  ScriptletExpansion: [4, 9],
  ScriptletInterpreterArgs: [4, 0],
  TildeInVersions: [4, 10],
  VersionedDependencies: [3, 0],
};

/** The feature whose absence the rule `caret` reports, also for packages that do not require it. */
const CARET = "CaretInVersions";

function isOlder(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function missingFeature({ rpm }: PackageFacts, target: TargetName): string | undefined {
  const version = targets[target].rpm;
  if (version === undefined) return undefined;
  const missing = rpm.header
    .strings("REQUIRENAME")
    .flatMap((name) => /^rpmlib\(([^)]*)\)$/.exec(name)?.[1] ?? [])
    .filter((name) => name !== CARET)
    .find((name) => {
      const since = Object.hasOwn(features, name) ? features[name] : undefined;
      return since === undefined || isOlder(version, since);
    });
  return missing && `requires rpmlib(${missing}), which rpm ${version.join(".")} does not have`;
}

/** The kinds of relations whose versions are compared when a package is installed. */
const relationTags = [
  "PROVIDE",
  "REQUIRE",
  "CONFLICT",
  "OBSOLETE",
  "RECOMMEND",
  "SUGGEST",
  "SUPPLEMENT",
  "ENHANCE",
] as const;

function caretVersion({ rpm }: PackageFacts): string | undefined {
  const { version, release } = rpm.nevra;
  const relations = relationTags.flatMap((tag) => [
    ...rpm.header.strings(`${tag}VERSION`),
    // The versions of a rich dependency stand in its name.
    ...rpm.header.strings(`${tag}NAME`).filter((name) => name.startsWith("(")),
  ]);
  const found = [version, release, ...relations].find((one) => one.includes("^"));
  if (found !== undefined)
    return `has the version ${found}, and rpm before 4.15 does not know the caret`;
  return rpm.header.strings("REQUIRENAME").includes(`rpmlib(${CARET})`)
    ? `requires rpmlib(${CARET}), which rpm before 4.15 does not have`
    : undefined;
}

/** Signatures that a target reads. */
function signaturesFor(facts: PackageFacts, target: TargetName): readonly LaxSignature[] {
  const isCurrent = target === "fedora" || target === "rpm6";
  return isCurrent ? facts.currentSignatures : facts.legacySignatures;
}

function algorithmFault(facts: PackageFacts, target: TargetName): string | undefined {
  for (const { publicKeyAlgorithm } of signaturesFor(facts, target)) {
    const row = unsupported.find(
      ([number, , where]) => number === publicKeyAlgorithm && where.includes(target),
    );
    if (row !== undefined) return `has a signature by ${row[1]}, which it cannot check or refuses`;
  }
  return undefined;
}

function signatureHeaderBytes({ rpm }: PackageFacts): number {
  const { raw, entries } = rpm.signature;
  // Magic and counts, then an index entry for each tag and for the region.
  return raw.length - 16 * (entries.length + 2);
}

function unprovided(how: string, names: readonly string[] | undefined): string | undefined {
  if (names === undefined || names.length === 0) return undefined;
  return `${how} ${names.join(", ")}, which neither the repositories nor the other packages provide`;
}

/** Every rule about packages. */
export const targetRules: Readonly<Record<TargetCode, TargetRule>> = {
  "header-digest": {
    targets: ["fips", "fedora", "rpm6"],
    fault: ({ rpm }) =>
      rpm.signature.has("SHA256") ? undefined : "has no SHA-256 digest of its header",
    source: "rpm 6 and FIPS mode ignore SHA-1 and MD5; tag 273 must be there",
  },
  "payload-digest": {
    targets: ["el8", "el9", "el10", "fedora", "sle15", "fips", "rpm6"],
    fault: ({ rpm }) =>
      rpm.header.has("PAYLOADSHA256") ? undefined : "has no digest of its payload in its header",
    source: "tried: dnf 4 checks with _pkgverify_level signature, which wants it; rpm 6 as well",
  },
  "file-digests": {
    targets: ["fips"],
    fault: ({ rpm }) => {
      const [algorithm = MD5] = rpm.header.integers("FILEDIGESTALGO");
      const hasFiles = rpm.header.strings("FILEDIGESTS").some((one) => one !== "");
      return hasFiles && algorithm === MD5 ? "has MD5 digests of its files" : undefined;
    },
    source: "fpm's default; rpm in FIPS mode cannot compute MD5",
  },
  "signature-header-size": {
    targets: ["el8", "sle15"],
    fault: (facts) => {
      const bytes = signatureHeaderBytes(facts);
      return bytes > MAX_SIGNATURE_HEADER_BYTES
        ? `has a signature header of ${formatSize(bytes)}, expected at most ${formatSize(MAX_SIGNATURE_HEADER_BYTES)}`
        : undefined;
    },
    source: "rpm 4.14.3: headers of signatures hold 8,192 bytes; replicatedhq/kURL#4647",
  },
  "not-signed": {
    targets: ["fedora", "rpm6"],
    fault: ({ currentSignatures }) =>
      currentSignatures.length === 0 ? "is not signed" : undefined,
    source: "tried: rpm 6.0.2 refuses to install an unsigned package",
  },
  "signature-tag": {
    targets: ["el8", "el9", "el10", "sle15"],
    fault: ({ currentSignatures, legacySignatures }) =>
      currentSignatures.length > 0 && legacySignatures.length === 0
        ? "has its signatures only in tag OPENPGP, which its rpm does not read"
        : undefined,
    source: "tried: rpm 4.18 calls such a package unsigned; rpm 6 writes this tag",
  },
  "signature-algorithm": {
    targets: ["el8", "el9", "el10", "fedora", "sle15"],
    fault: algorithmFault,
    source: "tried: rpm 4.14.3 and 4.18; crypto policies of RHEL 9 and later leave DSA out",
  },
  "signature-sha1": {
    targets: ["el9", "el10", "fedora", "rpm6"],
    fault: (facts, target) =>
      signaturesFor(facts, target).some(({ hashAlgorithm }) => hashAlgorithm === SHA_1)
        ? "has a signature over SHA-1"
        : undefined,
    source: "crypto policies of RHEL 9 and later leave SHA-1 signatures out; tried: rpm 6.1",
  },
  rpmlib: {
    targets: ["el8", "el9", "el10", "fedora", "sle15", "rpm6"],
    fault: missingFeature,
    source: "rpm's list of features by version (lib/rpmds.c)",
  },
  caret: {
    targets: ["el8", "sle15"],
    fault: caretVersion,
    source: "rpm 4.15 added the caret; rpmlib(CaretInVersions)",
  },
  "zstd-window": {
    targets: ["el8", "el9", "el10", "fedora", "sle15", "rpm6"],
    fault: ({ zstdWindowBytes: bytes }) =>
      bytes !== undefined && bytes > MAX_WINDOW_BYTES
        ? `has a zstd payload with a window of ${formatSize(bytes)}, expected at most ${formatSize(MAX_WINDOW_BYTES)}`
        : undefined,
    source: "rpm's reader does not raise the limit of zstd",
  },
  "requires-missing": {
    targets: ["el8", "el9", "el10", "fedora", "sle15", "fips", "rpm6"],
    fault: ({ missing }) => unprovided("requires", missing?.requires),
    source: "tried: dnf 4.14 refuses it; only with --repo",
  },
  "recommends-missing": {
    targets: ["el8", "el9", "el10", "fedora", "sle15", "fips", "rpm6"],
    fault: ({ missing }) => unprovided("recommends", missing?.recommends),
    isNote: true,
    source: "a note. Tried: dnf 4.14 installs the package, and says nothing; only with --repo",
  },
};
