import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { copySource } from "./support/changed-source.ts";

const DISK_ROW =
  "  dummy: { suffixes: ['dmy'], isPlain: false, isDisc: false, isShipped: false },\n";

const IMAGE_ROW = `  dummy: {
    marks: [atStart("DUMMY")],
    driver: "dummy",
    readHeader: () => Promise.resolve({ virtualSizeBytes: 1048576, refusals: [], warnings: [] }),
    readNames: namesNothing,
  },
`;

/** What a program does with a disk of the new format. */
const useFormat = `
import { isHardDiskName, parseDescriptor, withoutImageSuffix } from "./src/appliance/index.ts";
import { examineHead, judgeHeader, planImage } from "./src/image/index.ts";

const disk = '<disk file="root.dmy" use="system" format="dummy"/>';
const boot = '<boot type="hvm"><guest><arch>x86_64</arch></guest><os><loader dev="hd"/></os><drive disk="root.dmy"/></boot>';
const { problems, appliance } = parseDescriptor(
  '<image><name>web</name><domain>' + boot + '<devices/></domain><storage>' + disk + '</storage></image>',
  "appliance.xml",
);
const errors = problems.filter(({ severity }) => severity === "error");
const header = judgeHeader(await examineHead(Buffer.from("DUMMY"), 5), "dummy", "root.dmy");
const facts = { format: "dummy", ...header, fileSizeBytes: 5, allocatedBytes: 5 } as const;
const { action } = planImage(facts, { compression: "zstd", keepRaw: false });
const names = [withoutImageSuffix("root.dmy"), isHardDiskName("root.dmy.xz")];
console.log(JSON.stringify([errors, appliance?.disks[0]?.format, header.virtualSizeBytes, action, names]));
`;

/** Of single disks, with a descriptor that is made for them. */
const cloudKind = `
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describeListing } from "../describe.ts";
import type { Listing } from "../model.ts";
import type { SourceKind } from "./kind.ts";

const BOOT = '<boot type="hvm"><guest><arch>x86_64</arch></guest><os><loader dev="hd"/></os><drive disk="root"/></boot>';
const DISK = '<disk id="root" file="root.raw" use="system" format="raw"/>';
const XML = Buffer.from(
  '<image><name>cloud</name><domain>' + BOOT + '<devices/></domain><storage>' + DISK + '</storage></image>',
);

function listing(folder: string | undefined): Listing {
  const at = (name: string) => (folder === undefined ? undefined : path.join(folder, name));
  const file = (name: string, sizeBytes: number) =>
    ({ path: name, absolutePath: at(name), sizeBytes, digests: {}, xml: undefined });
  const xml = { root: "image", bytes: XML };
  return { files: [file("root.raw", 512), { ...file("a.xml", XML.length), xml }], problems: [] };
}

export const cloudKind: SourceKind = {
  name: "cloud",
  called: "a cloud image",
  place: "image",
  isSpooled: true,
  isMine: ({ head }) => head.toString("latin1", 0, 5) === "CLOUD",
  list: () => Promise.resolve(listing(undefined)),
  async open(_origin, { spool }) {
    const folder = await spool.folder();
    await writeFile(path.join(folder, "root.raw"), Buffer.alloc(512));
    await writeFile(path.join(folder, "a.xml"), XML);
    return listing(folder);
  },
  describe: describeListing,
};
`;

/** What commands do with a source of the new kind. */
const useKind = `
import { readdir, writeFile } from "node:fs/promises";
import { findRecipe, inspectSource, openSource, unpackSource } from "./src/source/index.ts";
import { makeRun } from "./src/lib/exec.ts";

const signal = new AbortController().signal;
const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const progress = { start: () => ({ advance: nothing, done: nothing }) };
const context = { signal, logger, progress, now: () => 0, run: makeRun({ signal }), temporaryFolder: "." } as never;

await writeFile("given", "CLOUD");
const { kind, problems, files } = await inspectSource("given", context);
const errors = problems.filter(({ severity }) => severity === "error");
const source = await openSource("given", context);
const opened = source.files.map(({ path, sizeBytes }) => [path, sizeBytes]);
await source[Symbol.asyncDispose]();
const recipe = await findRecipe("given", context);
await unpackSource("given", "unpacked", { context });
await writeFile("other.zip", "PK\\x03\\x04");
const message = await openSource("other.zip", context).catch((error: Error) => error.message);
console.log(JSON.stringify([kind, errors, files.length, opened, recipe ?? null, (await readdir("unpacked")).sort(), message]));
`;

describe("a new kind of source", () => {
  it("is one file, a word in the list of names and one in the list of kinds", async () => {
    await using source = await copySource();
    await source.write("source/kinds/cloud.ts", cloudKind);
    assert.deepEqual(await source.compile(), [
      `source/kinds/cloud.ts: Type '"cloud"' is not assignable to type 'SourceKindName'.`,
    ]);
    await source.replace("source/model.ts", '= "directory" |', '= "cloud" | "directory" |');
    const list = "source/kinds/recognise.ts";
    await source.replace(list, "= [directoryKind", "= [cloudKind, directoryKind");
    const line = 'import { archiveKind } from "./archive.ts";\n';
    await source.replace(list, line, `${line}import { cloudKind } from "./cloud.ts";\n`);
    assert.deepEqual(await source.compile(), []);
    assert.deepEqual(JSON.parse(await source.run(useKind)), [
      "cloud",
      [],
      1,
      [["root.raw", 512]],
      null,
      ["a.xml", "root.raw"],
      "other.zip: a zip archive, expected a cloud image, a folder, a tar archive or a descriptor",
    ]);
  });

  it("is in the list of kinds", async () => {
    const folder = new URL("../src/source/kinds/", import.meta.url);
    const list = await readFile(new URL("recognise.ts", folder), "utf8");
    for (const file of await readdir(folder)) {
      const text = await readFile(new URL(file, folder), "utf8");
      const name = /^export const (\w+): SourceKind =/m.exec(text)?.[1];
      if (name !== undefined) assert.match(list, new RegExp(`kinds: .*\\b${name}\\b`), file);
    }
  });
});

const COMPRESSOR_ROW = `  dummy: {
    highestLevel: 5,
    rpmStream: "dummyio",
    feature: ["PayloadIsDummy", "9.0-1"],
    flagsOf: (level) => "D" + level,
    compress: ({ input, output }) => pipeline(input, output),
  },
`;

/** What a package becomes whose payload is compressed in the new way. */
const useCompressor = `
import { payloadEntries } from "./src/rpm/native/payload-entries.ts";
import { featureDependencies } from "./src/rpm/native/rpmlib.ts";
import { identityProblems } from "./src/rpm/validate/identity.ts";

const payload = { compressor: "dummy", level: 6 } as const;
const plan = { payload, changelog: [], entries: [] } as never;
const layout = { usesLargeFiles: false, format: 4, entries: [] } as never;
const names = featureDependencies({ plan, layout, scriptlets: [], dependencies: [] });
const level = identityProblems({ ...Object(plan), name: "a" }).filter((each) => /level/.test(each));
const digests = new Map([["sha256", ""]]) as never;
const form = { format: 4, archiveBytes: 0 } as const;
const tags = payloadEntries(payload, form, { stored: digests, archive: digests, payloadBytes: 0 }).length;
console.log(JSON.stringify([names.map(({ name }) => name).includes("rpmlib(PayloadIsDummy)"), level, tags]));
`;

describe("a new compressor of payloads", () => {
  it("is two rows that the compiler asks for, and a word in the list of compressors", async () => {
    await using source = await copySource();
    await source.replace(
      "package/package-plan.ts",
      'PayloadCompressor = "gzip"',
      'PayloadCompressor = "dummy" | "gzip"',
    );
    assert.deepEqual(await source.compile(), [
      "cli/commands/build.ts: Property 'dummy' is missing",
      "rpm/payload-compressors.ts: Property 'dummy' is missing",
    ]);
    await source.replace(
      "cli/commands/build.ts",
      "    zstd: {",
      '    dummy: { compressor: "dummy", level: 1 },\n    zstd: {',
    );
    await source.replace("rpm/payload-compressors.ts", "  zstd: {", `${COMPRESSOR_ROW}  zstd: {`);
    assert.deepEqual(await source.compile(), []);
    assert.deepEqual(JSON.parse(await source.run(useCompressor)), [
      true,
      ["dummy level is 6, expected 1 to 5"],
      6,
    ]);
  });
});

const dummyEngine = `
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { RpmEngine } from "./engine.ts";

export const writeDummy: RpmEngine["build"] = async (plan, { folders }) => {
  const name = plan.name + ".rpm";
  const target = path.join(folders.outputFolder, name);
  await writeFile(target, "dummy");
  return { path: target, name, sizeBytes: 5 };
};
`;

/** What a user of the library gets from the new engine. */
const useEngine = `
import { mkdir, readFile } from "node:fs/promises";
import { createContext } from "./src/api/index.ts";
import { planFiles } from "./src/package/index.ts";
import { buildRpm, rpmEngines } from "./src/rpm/index.ts";

await mkdir("out");
const files = { name: "a", version: "1", summary: "x", license: "MIT", files: [] };
const folders = { stagingFolder: ".", outputFolder: "out", engine: "dummy" } as const;
const built = await buildRpm(planFiles(files, 0), folders, createContext());
console.log(JSON.stringify([Object.keys(rpmEngines), built.name, await readFile(built.path, "utf8")]));
`;

describe("a new engine for packages", () => {
  it("is one file, a row that the compiler asks for, and a word in the list of engines", async () => {
    await using source = await copySource();
    await source.write("rpm/dummy-engine.ts", dummyEngine);
    await source.replace("rpm/engine.ts", '= "native" |', '= "dummy" | "native" |');
    assert.deepEqual(await source.compile(), ["rpm/engines.ts: Property 'dummy' is missing"]);
    const line = 'import type { RpmEngine, RpmEngineName } from "./engine.ts";\n';
    const add = 'import { writeDummy } from "./dummy-engine.ts";\n';
    await source.replace("rpm/engines.ts", line, `${line}${add}`);
    const row =
      "  dummy: { usesSpec: false, check: () => Promise.resolve(), build: writeDummy },\n";
    await source.replace("rpm/engines.ts", "  rpmbuild: {", `${row}  rpmbuild: {`);
    assert.deepEqual(await source.compile(), []);
    const printed = JSON.parse(await source.run(useEngine)) as unknown;
    assert.deepEqual(printed, [["native", "dummy", "rpmbuild"], "a.rpm", "dummy"]);
  });
});

/** A store in memory that is found by its location, as one on a server would be. */
const shelfStore = `
import { openMemoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";

const shelves = new Map<string, Store>();

export const isShelf = (location: string): boolean => location.startsWith("shelf:");

export function openShelfStore(location: string): Store {
  const store = shelves.get(location) ?? { ...openMemoryStore(), location };
  shelves.set(location, store);
  return store;
}
`;

/** What becomes of a repository that is made, checked and listed there. */
const useStore = `
import { createContext } from "./src/api/index.ts";
import { checkRepository, initRepository, listRepository, releaseRepo } from "./src/repository/index.ts";

const context = createContext();
const wanted = { name: "site", baseUrl: "http://x.example/", signer: undefined };
await initRepository("shelf:a", wanted, context);
await releaseRepo("shelf:a", { add: [] }, {}, context);
const { ok, problems } = await checkRepository("shelf:a", context);
const { name, packages } = await listRepository("shelf:a");
const missing = await listRepository("shelf:b").catch(({ code }) => code);
console.log(JSON.stringify([ok, problems, name, packages, missing]));
`;

describe("a new kind of store", () => {
  it("is one file, and a row in the list of kinds", async () => {
    await using source = await copySource();
    await source.write("publish/shelf-store.ts", shelfStore);
    const list = "publish/open-store.ts";
    const line = 'import { openDirectoryStore } from "./directory-store.ts";\n';
    const shelf = 'import { isShelf, openShelfStore } from "./shelf-store.ts";\n';
    await source.replace(list, line, `${line}${shelf}`);
    const row = "{ isMine: isShelf, open: (location) => openShelfStore(location) },";
    await source.replace(list, "StoreKind[] = [", `StoreKind[] = [ ${row}`);
    assert.deepEqual(await source.compile(), []);
    const printed = JSON.parse(await source.run(useStore)) as unknown;
    assert.deepEqual(printed, [true, [], "site", [], "REPO_MISSING"]);
  });
});

describe("a new disk format", () => {
  it("is two rows that the compiler asks for, and a word in the list of formats", async () => {
    await using source = await copySource();
    await source.replace(
      "appliance/model.ts",
      'DiskFormat = "raw"',
      'DiskFormat = "dummy" | "raw"',
    );
    assert.deepEqual(await source.compile(), [
      "appliance/disk-formats.ts: Property 'dummy' is missing",
      "image/formats.ts: Property 'dummy' is missing",
    ]);
    await source.replace("appliance/disk-formats.ts", "  vdi: {", `${DISK_ROW}  vdi: {`);
    await source.replace("image/formats.ts", "  vdi: {", `${IMAGE_ROW}  vdi: {`);
    assert.deepEqual(await source.compile(), []);
    assert.deepEqual(JSON.parse(await source.run(useFormat)), [
      [],
      "dummy",
      1048576,
      "convert",
      ["root", true],
    ]);
  });
});
