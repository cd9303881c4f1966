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
