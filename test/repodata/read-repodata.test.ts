import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ApplianceError, type ErrorCode } from "../../src/errors.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import { readRepodata, updateRepodata } from "../../src/repodata/index.ts";
import { sampleRecord, sampleRecords } from "../fixtures/package-records.ts";

interface Parts {
  readonly repomd: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

function read(parts: Parts): ReturnType<typeof readRepodata> {
  const source = { read: async (name: string) => parts.files.get(name) };
  return readRepodata(Buffer.from(parts.repomd), source, { origin: "repomd.xml", all: true });
}

/** Metadata of one package whose open primary was changed, with digests that are right again. */
async function withPrimary(change: (xml: string) => string, openSize?: number): Promise<Parts> {
  const good = await updateRepodata(undefined, { add: [sampleRecord(1)] });
  const [name = "", old] = [...good.files].find(([one]) => one.includes("-primary.")) ?? [];
  const { gunzipSync } = await import("node:zlib");
  const xml = Buffer.from(change(gunzipSync(old ?? "").toString()));
  const content = gzipSync(xml);
  const before = gunzipSync(old ?? "");
  const repomd = Buffer.from(good.repomd)
    .toString()
    .replace(
      `<checksum type="sha256">${digestOf(old ?? "")}`,
      `<checksum type="sha256">${digestOf(content)}`,
    )
    .replace(digestOf(before), digestOf(xml))
    .replace(`<size>${old?.byteLength}<`, `<size>${content.length}<`)
    .replace(`<open-size>${before.length}<`, `<open-size>${openSize ?? xml.length}<`);
  return { repomd, files: new Map([...good.files, [name, content]]) };
}

const refuses = (code: ErrorCode, about: RegExp) => (error: unknown) =>
  error instanceof ApplianceError && error.code === code && about.test(error.message);

describe("readRepodata", () => {
  it("returns the identity of each package", async () => {
    const records = sampleRecords(300);
    const good = await updateRepodata(undefined, { add: records });
    const { packages, revision } = await read({
      repomd: Buffer.from(good.repomd).toString(),
      files: good.files,
    });
    assert.equal(revision, String(records.at(-1)?.buildTimeSeconds));
    assert.equal(packages.length, 300);
    const { name, epoch, version, release, arch, summary, pkgid, location } = sampleRecord(0);
    const { sizeBytes, buildTimeSeconds } = sampleRecord(0);
    const expected = { name, epoch, version, release, arch, summary, pkgid, location };
    assert.deepEqual(packages[0], {
      ...expected,
      sizeBytes,
      buildTimeSeconds,
      checksumType: "sha256",
    });
  });

  it("reads what other programs compressed", async () => {
    assert.equal((await read(await withPrimary((xml) => xml))).packages.length, 1);
  });

  const otherHex = "0".repeat(64);
  it("compares size and checksum of a file before it is opened, and of its content after", async () => {
    const good = await withPrimary((xml) => xml);
    const primary = /<data type="primary">.*?<\/data>/s.exec(good.repomd)?.[0] ?? "";
    const changes: readonly (readonly [RegExp, string, RegExp])[] = [
      [
        /(<checksum type="sha256">)[0-9a-f]{64}/,
        `$1${otherHex}`,
        /sha256 is [0-9a-f]{64}, expected 0/,
      ],
      [/(<open-checksum type="sha256">)[0-9a-f]{64}/, `$1${otherHex}`, /open checksum differs/],
      [/(<size>)\d+/, "$17", /has \d+ bytes, expected 7/],
      [/(<open-size>)\d+/, "$17", /open size differs from 7/],
    ];
    for (const [what, value, about] of changes) {
      const repomd = good.repomd.replace(primary, primary.replace(what, value));
      assert.notEqual(repomd, good.repomd);
      await assert.rejects(read({ ...good, repomd }), refuses("REPODATA_DAMAGED", about));
    }
  });

  it("refuses metadata that is larger than what is read, before it reads any", async () => {
    const good = await withPrimary((xml) => xml);
    for (const what of ["size", "open-size"]) {
      const repomd = good.repomd.replace(new RegExp(`<${what}>\\d+`), `<${what}>8589934593`);
      const source = { read: () => Promise.reject(new Error("is read")) };
      await assert.rejects(
        readRepodata(Buffer.from(repomd), source, { origin: "repomd.xml" }),
        refuses("REPODATA_TOO_LARGE", /larger than the limit/),
      );
    }
  });

  const hostile: readonly (readonly [string, () => Promise<Parts>, ErrorCode, RegExp])[] = [
    [
      "more content than was announced",
      () => withPrimary((xml) => xml.replace("<packager>", `<packager>${" ".repeat(1e6)}`), 4000),
      "REPODATA_DAMAGED",
      /open size differs|open checksum/,
    ],
    [
      "more content than was announced, before it parses any of it",
      () => withPrimary((xml) => `${xml}<<<`, 100),
      "REPODATA_DAMAGED",
      /open size differs from 100/,
    ],
    [
      "a document type",
      () =>
        withPrimary((xml) => xml.replace("<metadata", '<!DOCTYPE x [<!ENTITY a "b">]><metadata')),
      "LIB_XML_DOCTYPE",
      /primary/,
    ],
    [
      "a package without a name",
      () => withPrimary((xml) => xml.replace(/<name>.*<\/name>/, "")),
      "REPODATA_DAMAGED",
      /lacks name/,
    ],
    [
      "a size that is no number",
      () => withPrimary((xml) => xml.replace(/size package="\d+"/, 'size package="1e99x"')),
      "REPODATA_DAMAGED",
      /is not a number/,
    ],
    [
      "other packages in filelists than in primary",
      () => withPrimary((xml) => xml.replace(sampleRecord(1).pkgid, digestOf("other"))),
      "REPODATA_DAMAGED",
      /other packages than the primary/,
    ],
    [
      "metadata outside repodata/",
      async () => {
        const parts = await withPrimary((xml) => xml);
        return {
          ...parts,
          repomd: parts.repomd.replaceAll('href="repodata/', 'href="repodata/../../'),
        };
      },
      "REPODATA_DAMAGED",
      /expected a file in repodata/,
    ],
    [
      "a type that is named twice",
      async () => {
        const parts = await withPrimary((xml) => xml);
        return { ...parts, repomd: parts.repomd.replace('type="other"', 'type="primary"') };
      },
      "REPODATA_DAMAGED",
      /two files of type primary/,
    ],
    [
      "an announced size beyond the cap",
      async () => {
        const parts = await withPrimary((xml) => xml);
        return { ...parts, repomd: parts.repomd.replace(/<size>\d+/, "<size>99999999999") };
      },
      "REPODATA_TOO_LARGE",
      /larger than/,
    ],
    [
      "a file that is missing",
      async () => ({ ...(await withPrimary((xml) => xml)), files: new Map() }),
      "REPODATA_DAMAGED",
      /but missing/,
    ],
  ];
  for (const [title, make, code, about] of hostile) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(read(await make()), refuses(code, about));
    });
  }
});
