import assert from "node:assert/strict";
import { readFile, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { encodeHeader } from "../../src/rpm/format/header-encode.ts";
import { encodeLead } from "../../src/rpm/format/lead.ts";
import { readRpm } from "../../src/rpm/index.ts";
import type { HeaderEntry } from "../../src/rpm/format/header.ts";
import { testContext } from "../support/context.ts";
import { buildInto, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { rpmbuild } from "../fixtures/rpmbuild-package.ts";
import { temporaryFolder } from "../support/temporary.ts";

async function refusal(file: string): Promise<ApplianceError> {
  try {
    await readRpm(file);
  } catch (error) {
    assert.ok(error instanceof ApplianceError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `${file} was read` });
}

describe("readRpm", () => {
  const folder = temporaryFolder();
  let good: string;
  before(async () => {
    const plan = packagePlan({ epoch: 3, entries: [textFile("/opt/a", "content\n")] });
    good = (await buildInto(folder, plan)).path;
  });

  it("returns identity, offsets and headers, and does not read the payload", async () => {
    const rpm = await readRpm(good);
    assert.deepEqual(rpm.nevra, {
      name: "example-appliance",
      epoch: 3,
      version: "1.0",
      release: "1",
      arch: "noarch",
    });
    assert.equal(rpm.isSource, false);
    assert.equal(rpm.headerStart, 4504);
    const bytes = await readFile(good);
    assert.equal(rpm.fileSizeBytes, bytes.length);
    assert.ok(bytes.subarray(rpm.headerStart, rpm.headerEnd).equals(rpm.header.raw));
    assert.equal(bytes.toString("latin1", rpm.headerEnd, rpm.headerEnd + 6), "070701");
  });

  it("recognises a source package", async () => {
    const made = await rpmbuild(path.join(folder, "source"), "some");
    const kinds = await Promise.all(made.map(async (file) => (await readRpm(file)).isSource));
    assert.deepEqual(kinds, [false, true], made.join());
  });

  it("reads a package behind a symbolic link, and refuses a folder, a fifo and a missing file", async () => {
    await symlink(good, path.join(folder, "link.rpm"));
    assert.equal((await readRpm(path.join(folder, "link.rpm"))).headerStart, 4504);
    assert.equal((await refusal(folder)).code, "LIB_IO");
    await testContext().run("mkfifo", [path.join(folder, "fifo.rpm")]);
    assert.equal((await refusal(path.join(folder, "fifo.rpm"))).code, "LIB_IO");
    assert.equal((await refusal(path.join(folder, "none.rpm"))).code, "LIB_IO");
  });

  it("refuses a package cut off anywhere in front of its payload", async () => {
    const { headerEnd } = await readRpm(good);
    const cut = path.join(folder, "cut.rpm");
    await writeFile(cut, await readFile(good));
    for (let length = headerEnd - 1; length >= 0; length -= length > 4600 ? 7 : 61) {
      await truncate(cut, length);
      const error = await refusal(cut);
      assert.equal(error.code, "RPM_MALFORMED");
      assert.match(error.message, /cut\.rpm: byte \d+: ends here, expected \d+ bytes more/);
    }
  });

  it("reads or refuses a package with any byte of its headers flipped", async () => {
    const bytes = await readFile(good);
    const { headerStart, headerEnd } = await readRpm(good);
    const broken = path.join(folder, "broken.rpm");
    // The reserved space is a long run of zeros; a sample of it will do.
    const sample = Array.from({ length: headerEnd }, (_, at) => at).filter(
      (at) => at < 400 || at > headerStart - 40 || at % 97 === 0,
    );
    let refused = 0;
    for (const at of sample) {
      const copy = Buffer.from(bytes);
      copy.writeUInt8((copy[at] ?? 0) ^ 0xff, at);
      await writeFile(broken, copy);
      try {
        const rpm = await readRpm(broken);
        for (const tag of ["FILESIZES", "FILEMODES", "PROVIDEFLAGS"] as const)
          rpm.header.integers(tag);
      } catch (error) {
        assert.ok(error instanceof ApplianceError, `byte ${at}: ${String(error)}`);
        assert.equal(error.code, "RPM_MALFORMED");
        refused += 1;
      }
    }
    assert.ok(refused > sample.length / 10, `${refused} of ${sample.length} refused`);
  });

  it("allocates no more than the file holds, whatever its headers claim", async () => {
    const huge = path.join(folder, "huge.rpm");
    const bytes = await readFile(good);
    bytes.writeUInt32BE(64 * 1024 * 1024, 96 + 12);
    await writeFile(huge, bytes);
    const before = process.memoryUsage().arrayBuffers;
    assert.match((await refusal(huge)).message, /ends here, expected 6\d{7} bytes more/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024);
  });

  const identity: readonly HeaderEntry[] = [
    { tag: 1000, type: "STRING", value: "name" },
    { tag: 1001, type: "STRING", value: "1" },
    { tag: 1002, type: "STRING", value: "1" },
    { tag: 1022, type: "STRING", value: "noarch" },
  ];
  const hostile: readonly (readonly [string, readonly HeaderEntry[], RegExp])[] = [
    ["without a name", identity.slice(1), /has no NAME/],
    ["with an empty version", withText(1001, ""), /has no VERSION/],
    ["with a name that leaves its folder", withText(1000, "../../etc/x"), /NAME .*slash/],
    ["whose release drives a terminal", withText(1002, "1\u001b[2J"), /RELEASE .*control/],
    ["with a space in its architecture", withText(1022, "no arch"), /ARCH .*space/],
    [
      "with fewer flags than requirements",
      [
        ...identity,
        { tag: 1048, type: "INT32", value: [0] },
        { tag: 1049, type: "STRING_ARRAY", value: ["a", "b"] },
      ],
      /1 element in REQUIREFLAGS, and 2 in REQUIRENAME/,
    ],
    [
      "with a file in a folder that is not there",
      [
        ...identity,
        { tag: 1116, type: "INT32", value: [1] },
        { tag: 1117, type: "STRING_ARRAY", value: ["a"] },
        { tag: 1118, type: "STRING_ARRAY", value: ["/"] },
      ],
      /folder 1, and 1 folder/,
    ],
  ];
  function withText(tag: number, value: string): readonly HeaderEntry[] {
    return [...identity.filter((entry) => entry.tag !== tag), { tag, type: "STRING", value }];
  }
  for (const [title, entries, message] of hostile) {
    it(`refuses a package ${title}`, async () => {
      const signature = encodeHeader("signature", [{ tag: 1000, type: "INT32", value: [1] }]);
      const padding = Buffer.alloc((8 - (signature.length % 8)) % 8);
      const main = encodeHeader("main", entries);
      const file = path.join(folder, "hostile.rpm");
      await writeFile(
        file,
        Buffer.concat([encodeLead("x-1-1", "noarch"), signature, padding, main]),
      );
      const error = await refusal(file);
      assert.equal(error.code, "RPM_MALFORMED");
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\u001b"));
    });
  }
});
