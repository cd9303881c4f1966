import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { ApplianceError } from "../../src/errors.ts";
import {
  findLocation,
  findNamed,
  openIndex,
  type Repodata,
  type UpdatedRepodata,
  updateRepodata,
} from "../../src/repodata/index.ts";
import { splitMembers, withNote } from "../../src/repodata/gzip-member.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import { sampleRecord, sampleRecords } from "../fixtures/package-records.ts";

function contentOf(repodata: Repodata, type: string): Buffer {
  for (const [name, content] of repodata.files) {
    if (name.endsWith(`-${type}.xml.gz`)) return Buffer.from(content);
  }
  throw new TypeError(`no ${type}`);
}

function same(a: Repodata, b: Repodata): void {
  assert.equal(Buffer.from(a.repomd).toString(), Buffer.from(b.repomd).toString());
  assert.deepEqual([...a.files.keys()], [...b.files.keys()]);
}

const fixed = { timestampSeconds: 1_750_000_000 };

describe("updateRepodata", () => {
  it("writes an empty repository", async () => {
    const empty = await updateRepodata(undefined, {}, fixed);
    assert.match(
      gunzipSync(contentOf(empty, "primary")).toString(),
      /packages="0">\n<\/metadata>$/,
    );
    assert.equal(empty.packages, 0);
    same(await updateRepodata(empty, {}, fixed), empty);
  });

  it("gives the same bytes whatever the order in which packages came and went", async () => {
    const records = sampleRecords(700);
    const all = await updateRepodata(undefined, { add: records }, fixed);
    assert.equal(all.packages, 700);
    const half = await updateRepodata(
      undefined,
      { add: records.filter((_, i) => i % 2 === 0) },
      fixed,
    );
    const extra = sampleRecord(900);
    const full = await updateRepodata(
      half,
      { add: [...records.filter((_, i) => i % 2 === 1), extra].reverse() },
      fixed,
    );
    const back = await updateRepodata(full, { remove: [extra.location] }, fixed);
    same(back, all);
  });

  it("gives the same bytes for any way to the same packages", async () => {
    const pool = sampleRecords(40);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(pool.length - 1), { maxLength: 6 }), { maxLength: 6 }),
        async (rounds) => {
          let current: UpdatedRepodata | undefined;
          const present = new Set<number>();
          for (const round of rounds) {
            const toggled = [...new Set(round)];
            const add = toggled.filter((n) => !present.has(n)).map((n) => sampleRecord(n));
            const remove = toggled
              .filter((n) => present.has(n))
              .map((n) => sampleRecord(n).location);
            current = await updateRepodata(current, { add, remove }, fixed);
            for (const n of toggled) if (!present.delete(n)) present.add(n);
          }
          const add = [...present].map((n) => sampleRecord(n));
          const direct = await updateRepodata(undefined, { add }, fixed);
          if (current !== undefined) same(current, direct);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("gives the same bytes when any packages of many come or go, first ones of shards among them", async () => {
    const records = sampleRecords(900);
    const firsts = (await openIndex(await updateRepodata(undefined, { add: records }, fixed)))
      .shards;
    assert.ok(firsts.length > 2, `${firsts.length} shards`);
    const edges = firsts.map((one) => records.findIndex((r) => r.location === one.first));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.oneof(fc.nat(records.length - 1), fc.constantFrom(...edges)), {
          maxLength: 12,
        }),
        async (gone) => {
          const all = await updateRepodata(undefined, { add: records }, fixed);
          const kept = records.filter((_, i) => !gone.includes(i));
          const remove = gone.map((i) => records[i]?.location ?? "");
          const less = await updateRepodata(all, { remove }, fixed);
          same(less, await updateRepodata(undefined, { add: kept }, fixed));
          const add = gone.flatMap((i) => records[i] ?? []);
          same(await updateRepodata(less, { add }, fixed), all);
          assert.equal(less.packages, kept.length);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("opens no shard to know where packages are but those that may have them", async () => {
    const index = await openIndex(await updateRepodata(undefined, { add: sampleRecords(3000) }));
    const opened = new Set<number>();
    const shards = index.shards.map((shard, at) => ({
      ...shard,
      entries: () => (opened.add(at), shard.entries()),
    }));
    const lazy = { ...index, shards };
    const { location, name, version, release, arch } = sampleRecord(1500);
    assert.equal((await findLocation(lazy, location))?.name, name);
    assert.equal(await findLocation(lazy, "packages/none-1-1.noarch.rpm"), undefined);
    for (const text of [
      `${name}-${version}-${release}`,
      `${name}-${version}-${release}.${arch}`,
      `${name}-${version}-${release}.${arch}.rpm`,
    ]) {
      assert.deepEqual(
        (await findNamed(lazy, text)).map((one) => one.location),
        [location],
        text,
      );
    }
    assert.ok(opened.size < shards.length / 2, `${opened.size} of ${shards.length}`);
  });

  it("goes on with metadata whose members tell nothing of their content, as it was once written", async () => {
    const records = sampleRecords(900);
    const now = await updateRepodata(undefined, { add: records }, fixed);
    const files = new Map<string, Uint8Array>();
    let repomd = Buffer.from(now.repomd).toString();
    for (const [name, content] of now.files) {
      const members = splitMembers(Buffer.from(content)) ?? [];
      const bare = Buffer.concat(members.map((one) => withNote(one, Buffer.alloc(0))));
      const path = name.replace(/[0-9a-f]{64}/, digestOf(bare));
      files.set(path, bare);
      repomd = repomd
        .replaceAll(/[0-9a-f]{64}/g, (hex) => (hex === digestOf(content) ? digestOf(bare) : hex))
        .replace(`<size>${content.byteLength}</size>`, `<size>${bare.length}</size>`);
    }
    same(await updateRepodata({ repomd: Buffer.from(repomd), files }, {}, fixed), now);
  });

  it("changes few members of the compressed files when one package is added to many", async () => {
    const before = contentOf(
      await updateRepodata(undefined, { add: sampleRecords(3000) }),
      "primary",
    );
    const grown = await updateRepodata(
      await updateRepodata(undefined, { add: sampleRecords(3000) }),
      { add: [sampleRecord(1500, { location: "packages/package-01500a-1-1.noarch.rpm" })] },
    );
    const after = contentOf(grown, "primary");
    let prefix = 30;
    while (before[prefix] === after[prefix]) prefix += 1;
    let suffix = 1;
    while (before.at(-suffix) === after.at(-suffix)) suffix += 1;
    // What differs is the head, which counts the packages, and one shard.
    assert.ok(
      suffix > before.length / 4,
      `only the last ${suffix} of ${before.length} bytes stayed`,
    );
  });

  it("the revision is the newest build time, and never decreases", async () => {
    const older = sampleRecord(1);
    const newer = sampleRecord(2);
    const both = await updateRepodata(undefined, { add: [older, newer] });
    const revisionOf = (one: Repodata): string | undefined =>
      /<revision>(\d+)</.exec(Buffer.from(one.repomd).toString())?.[1];
    assert.equal(revisionOf(both), String(newer.buildTimeSeconds));
    const less = await updateRepodata(both, { remove: [newer.location] });
    assert.equal(revisionOf(less), String(newer.buildTimeSeconds));
    assert.equal(revisionOf(await updateRepodata(less, {}, { timestampSeconds: 5 })), "5");
  });

  it("lists the packages in metadata", async () => {
    const repodata = await updateRepodata(undefined, { add: sampleRecords(3) });
    const [first] = (await (await openIndex(repodata)).shards[0]?.entries()) ?? [];
    const { name, epoch, version, release, arch, ...rest } = sampleRecord(0);
    const { location, pkgid, sizeBytes, buildTimeSeconds } = rest;
    const identity = { name, epoch: String(epoch), version, release, arch };
    assert.deepEqual(first, { ...identity, location, pkgid, sizeBytes, buildTimeSeconds });
  });

  describe("refuses to build upon", () => {
    const cases: Readonly<Record<string, (files: Map<string, Buffer>, name: string) => void>> = {
      "a file that is gone": (files, name) => files.delete(name),
      "a file that was cut short": (files, name) =>
        files.set(name, files.get(name)?.subarray(0, 50) ?? Buffer.alloc(0)),
      "a file with a note changed, which nothing in the member covers": (files, name) => {
        const content = Buffer.from(files.get(name) ?? "");
        const [head] = splitMembers(content) ?? [];
        // The time in the header of the second member.
        content.writeUInt8(1, (head?.length ?? 0) + 4);
        files.set(name, content);
      },
      "a file with one byte changed": (files, name) => {
        const content = Buffer.from(files.get(name) ?? "");
        content.writeUInt8((content[40] ?? 0) ^ 1, 40);
        files.set(name, content);
      },
    };
    for (const [title, change] of Object.entries(cases)) {
      for (const type of ["primary", "filelists", "other"]) {
        it(`${title}: ${type}`, async () => {
          const good = await updateRepodata(undefined, { add: sampleRecords(3) });
          const files = new Map([...good.files].map(([name, one]) => [name, Buffer.from(one)]));
          const name = [...files.keys()].find((one) => one.includes(`-${type}.`)) ?? "";
          change(files, name);
          await assert.rejects(
            updateRepodata({ repomd: good.repomd, files }, {}),
            (error) =>
              error instanceof ApplianceError &&
              error.code === "REPODATA_DAMAGED" &&
              error.message.startsWith(name),
          );
        });
      }
    }
  });

  it("refuses to build upon a file whose size is not what repomd.xml says, before it reads it", async () => {
    const good = await updateRepodata(undefined, { add: sampleRecords(3) });
    for (const type of ["primary", "filelists", "other"]) {
      const size = contentOf(good, type).length;
      const text = Buffer.from(good.repomd).toString();
      const repomd = Buffer.from(text.replace(`<size>${size}</size>`, `<size>${size - 1}</size>`));
      await assert.rejects(
        updateRepodata({ ...good, repomd }, {}),
        (error) =>
          error instanceof ApplianceError &&
          error.code === "REPODATA_DAMAGED" &&
          error.message.endsWith(`-${type}.xml.gz: has ${size} bytes, expected ${size - 1}`),
      );
    }
  });

  it("refuses to build upon metadata that says it is too large when it is open", async () => {
    const good = await updateRepodata(undefined, { add: sampleRecords(3) });
    const text = Buffer.from(good.repomd).toString();
    const repomd = Buffer.from(text.replace(/<open-size>\d+/, `<open-size>${3 * 1024 ** 3}`));
    await assert.rejects(updateRepodata({ ...good, repomd }, {}), { code: "REPODATA_TOO_LARGE" });
  });

  it("refuses a package with a character that XML cannot hold, naming it", async () => {
    for (const bad of ["\u0001", "\ufffe", "\u001b[0m"]) {
      const record = sampleRecord(1, { summary: `bad ${bad}` });
      await assert.rejects(
        updateRepodata(undefined, { add: [record] }),
        (error) =>
          error instanceof ApplianceError &&
          error.code === "REPODATA_BAD_TEXT" &&
          error.message.includes(record.location),
      );
    }
  });
});
