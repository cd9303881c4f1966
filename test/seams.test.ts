import assert from "node:assert/strict";
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

const COMPRESSOR_ROW = `  dummy: {
    highestLevel: 5,
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
const plan = { payload, changelog: [] } as never;
const layout = { hasLargeFiles: false } as never;
const names = featureDependencies({ plan, layout, scriptlets: [], dependencies: [] });
const level = identityProblems({ ...Object(plan), name: "a" }).filter((each) => /level/.test(each));
const tags = payloadEntries(payload, { payloadSha256: "", archiveSha256: "" }).length;
console.log(JSON.stringify([names.map(({ name }) => name).includes("rpmlib(PayloadIsDummy)"), level, tags]));
`;

describe("a new compressor of payloads", () => {
  it("is two rows that the compiler asks for, and a word in the list of compressors", async () => {
    await using source = await copySource();
    await source.replace(
      "plan/package-plan.ts",
      'PayloadCompressor = "gzip"',
      'PayloadCompressor = "dummy" | "gzip"',
    );
    assert.deepEqual(await source.compile(), [
      "cli/verbs/build.ts: Property 'dummy' is missing",
      "rpm/payload-compressors.ts: Property 'dummy' is missing",
    ]);
    await source.replace(
      "cli/verbs/build.ts",
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
  }).timeout(120_000);
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
  }).timeout(120_000);
});
