import assert from "node:assert/strict";
import { decodeHeader } from "../../src/rpm/rpm-header.ts";
import type { RpmHeader } from "../../src/rpm/index.ts";
import { composeHeader, placeholderDigests } from "../../src/rpm/native/compose-header.ts";
import {
  composeSignatureHeader,
  signatureHeaderBytes,
} from "../../src/rpm/native/compose-signature-header.ts";
import { contentBytes, layOut } from "../../src/rpm/native/layout.ts";
import {
  hardLink,
  packagePlan,
  stagedFile,
  templateFile,
  textFile,
} from "../fixtures/package-plan.ts";

const LIMIT = 2 ** 32 - 1;

function headerFor(sizes: Readonly<Record<string, number>>): RpmHeader<"main"> {
  const entries = [
    templateFile("/opt/a", "@BYTES(/opt/b)@"),
    ...Object.keys(sizes).map((path) => stagedFile(path, "x")),
    textFile("/opt/z", "z"),
  ];
  const plan = packagePlan({ entries });
  const layout = layOut(plan, (path) => sizes[path] ?? 0, 4);
  const raw = composeHeader(plan, layout, placeholderDigests(layout));
  return decodeHeader(raw, { kind: "main", origin: "x", start: 0 });
}

describe("64-bit sizes", () => {
  const table = [
    {
      title: "a file that just fits 32 bits",
      sizes: { "/opt/b": LIMIT - 12 },
      files: false,
      total: false,
    },
    {
      title: "files that fit, but not their sum",
      sizes: { "/opt/b": LIMIT - 1, "/opt/c": 9 },
      files: false,
      total: true,
    },
    { title: "a file that does not fit", sizes: { "/opt/b": LIMIT }, files: true, total: true },
  ];
  for (const { title, sizes, files, total } of table) {
    it(`are used where they must be: ${title}`, () => {
      const header = headerFor(sizes);
      assert.equal(header.has("LONGFILESIZES"), files);
      assert.equal(header.has("FILESIZES"), !files);
      assert.equal(header.has("LONGSIZE"), total);
      assert.equal(header.has("SIZE"), !total);
      const requires = header.strings("REQUIRENAME");
      assert.equal(requires.includes("rpmlib(LargeFiles)"), files);
    });
  }

  it("lets a template grow with the size that it quotes", () => {
    const sizes = headerFor({ "/opt/b": 2 ** 40 }).integers("LONGFILESIZES");
    assert.deepEqual(sizes, [13, 2 ** 40, 1]);
  });

  it("counts the stripped archive right: 16 bytes an entry, templates last", () => {
    const plan = packagePlan({
      entries: [templateFile("/opt/a", "@BYTES(/opt/b)@"), stagedFile("/opt/b", "b")],
    });
    const layout = layOut(plan, () => LIMIT, 4);
    assert.deepEqual(
      layout.archived.map(({ index }) => index),
      [1, 0],
    );
    const expected = 16 + (LIMIT + 1) + 16 + 12 + 124;
    assert.equal(layout.archiveBytes, expected);
  });

  it("counts the content of hard links once, with the last name, after all other files", () => {
    const disk = stagedFile("/opt/m", "m");
    const entries = [
      hardLink("/opt/a", disk),
      disk,
      textFile("/opt/n", "n"),
      hardLink("/opt/z", disk),
    ];
    const layout = layOut(
      packagePlan({ entries }),
      (path) => (path === "/opt/m" ? LIMIT + 1 : 0),
      4,
    );
    assert.deepEqual(
      layout.archived.map((laidOut) => [laidOut.index, contentBytes(laidOut)]),
      [
        [2, 1],
        [0, 0],
        [1, 0],
        [3, LIMIT + 1],
      ],
    );
    assert.equal(layout.archiveBytes, 16 + 4 + 3 * 16 + (LIMIT + 1) + 124);
    assert.equal(layout.installedBytes, LIMIT + 2);
  });

  const packages = [
    { headerAndPayloadBytes: 5000, archiveBytes: 4000, isLarge: false },
    { headerAndPayloadBytes: LIMIT - 1, archiveBytes: LIMIT - 1, isLarge: false },
    { headerAndPayloadBytes: LIMIT, archiveBytes: 4000, isLarge: true },
    { headerAndPayloadBytes: 5000, archiveBytes: LIMIT, isLarge: true },
  ];
  const sizeBytes = signatureHeaderBytes();
  for (const { isLarge, ...facts } of packages) {
    it(`keep the signature header's size: ${facts.headerAndPayloadBytes}, ${facts.archiveBytes}`, () => {
      const raw = composeSignatureHeader(Buffer.alloc(0), { format: 4, ...facts, sizeBytes });
      assert.equal(raw.length, sizeBytes);
      const header = decodeHeader(raw, { kind: "signature", origin: "x", start: 96 });
      assert.deepEqual(header.integers(isLarge ? "LONGSIZE" : "SIZE"), [
        facts.headerAndPayloadBytes,
      ]);
      assert.deepEqual(header.integers(isLarge ? "LONGARCHIVESIZE" : "PAYLOADSIZE"), [
        facts.archiveBytes,
      ]);
      assert.equal(header.has(isLarge ? "SIZE" : "LONGSIZE"), false);
    });
  }
});
