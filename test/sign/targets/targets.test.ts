import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PackagePlan } from "../../../src/package/index.ts";
import { judgeForTargets, signRpm, type TargetName, targets } from "../../../src/sign/index.ts";
import { keysOf } from "../../../src/lib/keys-of.ts";
import { type Unprovided, zstdWindowBytes } from "../../../src/sign/targets/package-facts.ts";
import type { targetRules } from "../../../src/sign/targets/target-rules.ts";
import { openCrafter } from "../../fixtures/crafted-signature.ts";
import { buildInto, packagePlan, textFile } from "../../fixtures/package-plan.ts";
import {
  binEntry,
  int32Entry,
  joinRpm,
  type RpmParts,
  splitRpm,
  stringsEntry,
  withTags,
} from "../../fixtures/rpm-parts.ts";
import { testKey } from "../../fixtures/signing-key.ts";
import { testContext } from "../../support/context.ts";
import { newFolderIn, temporaryFolder } from "../../support/temporary.ts";

const every = keysOf(targets);
const now = new Date("2026-01-02T03:04:05Z");
const tags = {
  sha256: 273,
  rsa: 268,
  openpgp: 278,
  requireName: 1049,
  reservedSpace: 1008,
  fileDigestAlgo: 5011,
};

const old = ["el8", "el9", "el10", "sle15"] as const;
const all = [...old, "fedora", "rpm6"] as const;

/** The systems that refuse a package for each reason, stated once more, so that a test notices every change of the rules. */
const refusing: Readonly<Record<keyof typeof targetRules, readonly TargetName[]>> = {
  "header-digest": ["fips", "fedora", "rpm6"],
  "payload-digest": [...all, "fips"],
  "file-digests": ["fips"],
  "signature-header-size": ["el8", "sle15"],
  "not-signed": ["fedora", "rpm6"],
  "signature-tag": old,
  "signature-algorithm": [],
  "signature-sha1": ["el9", "el10", "fedora", "rpm6"],
  rpmlib: all,
  caret: ["el8", "sle15"],
  "zstd-window": all,
  "requires-missing": [...all, "fips"],
  "recommends-missing": [...all, "fips"],
};

/** In the order of the verdicts. */
function sorted(some: readonly TargetName[]): TargetName[] {
  return every.filter((name) => some.includes(name));
}

type Found = Readonly<Record<string, readonly TargetName[]>>;

/** Where in an old-format signature packet of up to 64 KiB the number of the key's algorithm is. */
const ALGORITHM_AT = 5;

describe("a package for a system", () => {
  const folder = temporaryFolder();

  /** Builds and signs a package, changes it, and returns the systems that cannot take it, by reason. */
  async function judged(
    plan: Partial<PackagePlan>,
    change: (parts: RpmParts) => RpmParts = (parts) => parts,
    missing?: Unprovided,
  ): Promise<Found> {
    const entries = [textFile("/opt/web", "content\n")];
    const built = await buildInto(await newFolderIn(folder), packagePlan({ entries, ...plan }));
    const key = await testKey();
    await signRpm(built.path, key.signer, testContext());
    const file = path.join(await newFolderIn(folder), built.name);
    await writeFile(file, joinRpm(change(splitRpm(await readFile(built.path)))));
    const verdicts = await judgeForTargets(file, every, { keyring: key.keyring, missing, now });
    const found: Record<string, TargetName[]> = {};
    for (const { target, ok, reasons, notes } of verdicts) {
      assert.equal(ok, reasons.length === 0);
      assert.ok(notes.every(({ code }) => code === "recommends-missing"));
      for (const { code } of [...reasons, ...notes]) (found[code] ??= []).push(target);
    }
    return found;
  }

  const setSignature = (
    parts: RpmParts,
    ...set: readonly Parameters<typeof binEntry>[]
  ): RpmParts => ({
    ...parts,
    signature: withTags(parts.signature, { set: set.map((one) => binEntry(...one)) }),
  });

  /** Changes the number of the key's algorithm in the signature, which is not checked here. */
  function withAlgorithm(algorithm: number): (parts: RpmParts) => RpmParts {
    return (parts) => {
      const packet = Buffer.from(parts.signature.find(({ tag }) => tag === tags.rsa)?.bytes ?? "");
      packet.writeUInt8(algorithm, ALGORITHM_AT);
      return setSignature(parts, [tags.rsa, packet]);
    };
  }

  it("has nothing against it when it is as virt-appliance builds and signs it", async () => {
    assert.deepEqual(await judged({}), {});
    assert.deepEqual(await judged({ payload: { compressor: "zstd", level: 19 } }), {});
  });

  const rows: readonly {
    readonly code: keyof typeof targetRules;
    readonly title: string;
    readonly plan?: Partial<PackagePlan>;
    readonly change?: (parts: RpmParts) => RpmParts;
    readonly missing?: Unprovided;
    readonly only?: readonly TargetName[];
  }[] = [
    {
      code: "header-digest",
      title: "without a SHA-256 digest of its header",
      change: (parts) => ({
        ...parts,
        signature: withTags(parts.signature, { without: [tags.sha256] }),
      }),
    },
    {
      code: "payload-digest",
      title: "without a digest of its payload",
      change: (parts) => ({
        ...parts,
        main: withTags(parts.main, { without: [5092, 5093, 5097] }),
      }),
    },
    {
      code: "file-digests",
      title: "with MD5 digests of its files",
      change: (parts) => ({
        ...parts,
        main: withTags(parts.main, { set: [int32Entry(tags.fileDigestAlgo, 1)] }),
      }),
    },
    {
      code: "signature-header-size",
      title: "with more than 8,192 bytes of signatures",
      change: (parts) => setSignature(parts, [tags.reservedSpace, Buffer.alloc(9000)]),
    },
    {
      code: "not-signed",
      title: "without a signature",
      change: (parts) => ({
        ...parts,
        signature: withTags(parts.signature, { without: [tags.rsa] }),
      }),
    },
    {
      code: "signature-tag",
      title: "with a signature in the tag of rpm 6 alone",
      change: (parts) => {
        const packet =
          parts.signature.find(({ tag }) => tag === tags.rsa)?.bytes ?? Buffer.alloc(0);
        const openpgp = stringsEntry(tags.openpgp, [Buffer.from(packet).toString("base64")]);
        return {
          ...parts,
          signature: withTags(parts.signature, { without: [tags.rsa], set: [openpgp] }),
        };
      },
    },
    {
      code: "signature-algorithm",
      title: "signed by an Ed25519 key",
      change: withAlgorithm(22),
      only: ["el8", "sle15"],
    },
    {
      code: "signature-algorithm",
      title: "signed by an ECDSA key",
      change: withAlgorithm(19),
      only: ["el8", "el9", "sle15"],
    },
    {
      code: "signature-algorithm",
      title: "signed by a DSA key",
      change: withAlgorithm(17),
      only: ["el9", "el10", "fedora"],
    },
    {
      code: "rpmlib",
      title: "that requires a feature of a later rpm",
      change: (parts) => ({
        ...parts,
        main: parts.main.map((entry) => ({
          ...entry,
          bytes: Buffer.from(
            entry.bytes.toString("latin1").replace("rpmlib(FileDigests)", "rpmlib(FileDigest7)"),
            "latin1",
          ),
        })),
      }),
    },
    {
      code: "rpmlib",
      title: "that requires a feature that only older ones lack",
      change: (parts) => {
        const names = parts.main.find(({ tag }) => tag === tags.requireName)?.bytes ?? "";
        const all = names.toString("latin1").split("\0").slice(0, -1);
        const other = all.map((name) => name.replace("FileDigests", "DynamicBuildRequires"));
        const set = [stringsEntry(tags.requireName, other)];
        return { ...parts, main: withTags(parts.main, { set }) };
      },
      only: ["el8", "sle15"],
    },
    {
      code: "caret",
      title: "with a caret in a version that it recommends",
      plan: { recommends: [{ name: "x", comparison: ">", version: "1^git5" }] },
    },
    {
      code: "caret",
      title: "with a caret in a rich dependency",
      plan: { suggests: [{ name: "(x > 1^git5 or y)" }] },
    },
    { code: "caret", title: "with a caret in its version", plan: { version: "1^git5" } },
    {
      code: "caret",
      title: "with a caret in a version that it requires",
      plan: { requires: [{ name: "x", comparison: ">", version: "1^git5" }] },
    },
    {
      code: "zstd-window",
      title: "whose payload needs more memory than rpm allows",
      plan: { payload: { compressor: "zstd", level: 3 } },
      change: (parts) => {
        const payload = Buffer.from(parts.payload);
        payload.writeUInt8((28 - 10) << 3, 5);
        return { ...parts, payload };
      },
    },
    {
      code: "requires-missing",
      title: "that requires what no repository has",
      missing: { requires: ["tool"], recommends: [] },
    },
    {
      code: "recommends-missing",
      title: "that recommends what no repository has (a note)",
      missing: { requires: [], recommends: ["tool"] },
    },
  ];
  for (const { code, title, plan = {}, change, missing, only } of rows) {
    it(`is refused, for this reason alone: ${title}`, async () => {
      assert.deepEqual(await judged(plan, change, missing), {
        [code]: sorted(only ?? refusing[code]),
      });
    });
  }

  it("is refused, for this reason alone: with a signature over SHA-1", async () => {
    const crafter = await openCrafter();
    const packet = crafter.version4(Buffer.from("any"), { hash: "sha1" });
    const found = await judged({}, (parts) => setSignature(parts, [tags.rsa, packet]));
    assert.deepEqual(found, { "signature-sha1": sorted(refusing["signature-sha1"]) });
  });

  it("has a row that is tried for every reason", () => {
    const tried = new Set([...rows.map(({ code }) => code), "signature-sha1"]);
    assert.deepEqual([...tried].sort(), Object.keys(refusing).sort());
  });
});

describe("the window of a zstd frame", () => {
  it("is what its header states", () => {
    const frame = (...bytes: number[]): Buffer =>
      Buffer.concat([Buffer.from("28b52ffd", "hex"), Buffer.from(bytes), Buffer.alloc(8)]);
    // Exponent and mantissa; one segment with sizes of one, two, four and eight bytes; a dictionary before the size.
    assert.equal(zstdWindowBytes(frame(0x00, (17 << 3) | 0)), 2 ** 27);
    assert.equal(zstdWindowBytes(frame(0x00, (17 << 3) | 1)), 2 ** 27 + 2 ** 24);
    assert.equal(zstdWindowBytes(frame(0x20, 200)), 200);
    assert.equal(zstdWindowBytes(frame(0x60, 1, 1)), 513);
    assert.equal(zstdWindowBytes(frame(0xa0, 0, 0, 0, 1)), 2 ** 24);
    assert.equal(zstdWindowBytes(frame(0xe0, 0, 0, 0, 0, 1)), 2 ** 32);
    assert.equal(zstdWindowBytes(frame(0x21, 9, 200)), 200);
  });

  it("is unknown of other bytes, and of too few", () => {
    assert.equal(zstdWindowBytes(Buffer.from("1f8b0800000000000000", "hex")), undefined);
    assert.equal(zstdWindowBytes(Buffer.from("28b52ffd00", "hex")), undefined);
    assert.equal(zstdWindowBytes(Buffer.from("28b52ffde00000", "hex")), undefined);
  });
});
