import assert from "node:assert/strict";
import { mkdir, open, readdir, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { digestFile, digestOf } from "../../src/lib/bytes/digest.ts";
import type { PackagePlan, PlannedEntry } from "../../src/package/index.ts";
import { readRpm } from "../../src/rpm/index.ts";
import { buildInLittleMemory } from "../support/build-in-little-memory.ts";
import { testContext } from "../support/context.ts";
import {
  directory,
  hardLink,
  packagePlan,
  stagedFile,
  symlink,
  textFile,
} from "../fixtures/package-plan.ts";
import { newFolderIn, temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();
const GIB = 2 ** 30;

const byPath = (a: PlannedEntry, b: PlannedEntry): number =>
  Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));

/** What is known of a file's content. */
interface Content {
  readonly sizeBytes: number;
  readonly sha256: string;
}

const modes = { file: "0100", ghost: "0100", directory: "040", symlink: "0120" } as const;

/** Returns the line of `rpm --dump` about an entry. */
function dumpLine(entry: PlannedEntry, contentOf: (entry: PlannedEntry) => Content): string {
  const { kind, path: at, mtimeSeconds, mode, user, group } = entry;
  const target = kind === "symlink" ? entry.target : "X";
  const other = { sizeBytes: kind === "symlink" ? Buffer.byteLength(target) : 0, sha256: "" };
  const { sizeBytes, sha256 } = kind === "file" ? contentOf(entry) : other;
  const digest = sha256 === "" ? "0".repeat(64) : sha256;
  const fullMode = `${modes[kind]}${mode.toString(8).padStart(3, "0")}`;
  return [at, sizeBytes, mtimeSeconds, digest, fullMode, user, group, 0, 0, 0, target].join(" ");
}

async function assertDumped(
  file: string,
  plan: PackagePlan,
  contentOf: (entry: PlannedEntry) => Content,
): Promise<void> {
  const { stdout } = await run("rpm", ["-qp", "--dump", file]);
  const expected = plan.entries.map((entry) => dumpLine(entry, contentOf));
  assert.deepEqual(stdout.trimEnd().split("\n"), expected);
  const listed = await run("rpm", ["-qlvp", file]);
  assert.equal(listed.stdout.trimEnd().split("\n").length, plan.entries.length);
  assert.match((await run("rpm", ["-K", file])).stdout, /digests OK/);
}

function rpmIn(root: string): (...args: string[]) => Promise<{ readonly stdout: string }> {
  return (...args) => run("rpm", ["--root", root, "--dbpath", "/rpmdb", "--nosignature", ...args]);
}

function textOf(entry: PlannedEntry): string {
  assert.ok(entry.kind === "file" && entry.source.kind === "text");
  return entry.source.text;
}

/** 20,000 files in 200 folders, some with names in other scripts or of the greatest length, and links to them. */
function manyEntries(): readonly PlannedEntry[] {
  const folders = Array.from({ length: 200 }, (_, i) => directory(`/opt/many/Ordner ${i} ü`));
  const files = Array.from({ length: 20_000 }, (_, i) => {
    const plain = [`file-${i}`, `日本-🐧-${i}`, `two words ${i}`, `${i}-`.padEnd(246, "n")][i % 4];
    return textFile(`/opt/many/Ordner ${i % 200} ü/${plain}`, `${i}\n`.repeat(i % 90));
  });
  const some = files.filter((_, i) => i % 20 === 0);
  const hardLinks = some.flatMap((file, i) =>
    ["a", "z"].map((folder) => hardLink(`/opt/many/${folder}-${i}`, file)),
  );
  const symlinks = some.map(({ path: at }, i) => symlink(`/opt/many/link-${i}`, at));
  return [directory("/opt/many"), ...folders, ...files, ...hardLinks, ...symlinks].sort(byPath);
}

describe("a package of many files, or of large ones", () => {
  const folder = temporaryFolder();

  it("holds more than 4 GiB in files that are all smaller", async () => {
    const names = ["a", "b", "c"];
    const contents = new Map<string, Content>();
    for (const name of names) {
      const file = path.join(folder, name);
      const sizeBytes = 1.5 * GIB + name.charCodeAt(0);
      await writeFile(file, name);
      await truncate(file, sizeBytes);
      const handle = await open(file, "r+");
      await handle.write(Buffer.from(`end of ${name}`), 0, 8, sizeBytes - 8);
      await handle.close();
      contents.set(`/opt/${name}`, { sizeBytes, sha256: await digestFile(file) });
    }
    const entries = names.map((name) => stagedFile(`/opt/${name}`, name));
    const plan = packagePlan({ name: "large", entries });
    const file = await buildInLittleMemory(folder, plan);
    const { header, signature } = await readRpm(file);
    assert.ok(header.has("FILESIZES") && header.has("LONGSIZE"));
    assert.ok((signature.integers("LONGARCHIVESIZE")[0] ?? 0) > 4.5 * GIB);
    assert.equal(header.strings("REQUIRENAME").includes("rpmlib(LargeFiles)"), false);
    await assertDumped(file, plan, ({ path: at }) => contents.get(at) ?? assert.fail(at));

    const root = await newFolderIn(folder);
    await rpmIn(root)("-i", file);
    // The digests in the header are those of the sources: the files have them too.
    await rpmIn(root)("-V", plan.name);
    await rpmIn(root)("-e", plan.name);
    assert.deepEqual(await readdir(path.join(root, "opt")), []);
  });

  it("holds 20,000 files with names of every kind", async () => {
    const entries = manyEntries();
    const byName = new Map(entries.map((entry) => [entry.path, entry]));
    const plan = packagePlan({ name: "many", entries, payload: { compressor: "gzip", level: 1 } });
    const file = await buildInLittleMemory(folder, plan);
    await assertDumped(file, plan, (entry) => {
      const isLink = entry.kind === "file" && entry.source.kind === "hardlink";
      const holder = isLink ? byName.get(entry.source.path) : entry;
      const content = Buffer.from(textOf(holder ?? entry));
      return { sizeBytes: content.length, sha256: digestOf(content) };
    });

    const root = await newFolderIn(folder);
    await rpmIn(root)("-i", file);
    await rpmIn(root)("-V", plan.name);
    const linked = await stat(path.join(root, "opt/many/a-7"));
    assert.equal(linked.nlink, 3);
    assert.equal(linked.ino, (await stat(path.join(root, "opt/many/z-7"))).ino);
    // rpm's other reader of payloads, and no database in between.
    const archive = await newFolderIn(folder);
    await run("rpm2archive", ["-n", file], { cwd: archive });
    await run("tar", ["-C", archive, "-xf", `${file}.tar`]);
    await run("diff", ["-r", "--no-dereference", path.join(root, "opt"), `${archive}/opt`]);
    await rpmIn(root)("-e", plan.name);
    assert.deepEqual(await readdir(path.join(root, "opt")), []);
  });

  it("has names as long as rpm can unpack", async () => {
    const version = "1".repeat(255 - "-1.noarch.rpm".length - "n".repeat(100).length - 1);
    const deep = `/${"d".repeat(255)}`.repeat(15);
    const folders = Array.from({ length: 15 }, (_, i) => directory(deep.slice(0, 256 * (i + 1))));
    const last = `${deep}/${"f".repeat(4086 - deep.length - 1)}`;
    const entries = [...folders, textFile(last, "deep"), symlink("/l", "t".repeat(1024))].sort(
      byPath,
    );
    const plan = packagePlan({ name: "n".repeat(100), version, entries });
    const file = await buildInLittleMemory(folder, plan);
    assert.equal(path.basename(file).length, 255);
    const content = { sizeBytes: 4, sha256: digestOf(Buffer.from("deep")) };
    await assertDumped(file, plan, () => content);
    const root = path.join(folder, "root");
    await mkdir(root);
    try {
      await rpmIn(root)("-i", file);
      await rpmIn(root)("-V", plan.name);
      await rpmIn(root)("-e", plan.name);
      assert.deepEqual(await readdir(root), ["rpmdb"]);
    } finally {
      // Node cannot remove a path that is longer than the system's limit.
      await run("rm", ["-rf", root]);
    }
  });
});
