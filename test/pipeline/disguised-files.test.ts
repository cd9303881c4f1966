import assert from "node:assert/strict";
import { mkdir, readdir, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type Appliance,
  type Boot,
  type Disk,
  renderDescriptor,
} from "../../src/appliance/index.ts";
import { buildAppliance, type BuildOptions, planBuild } from "../../src/pipeline/index.ts";
import { inspectSource, packDirectory } from "../../src/source/index.ts";
import { testContext } from "../support/context.ts";
import { imageSamples } from "../fixtures/image-samples.ts";
import { isError } from "../support/is-error.ts";
import { sampleAppliance } from "../fixtures/sample-appliance.ts";
import { temporaryFolder } from "../support/temporary.ts";

const context = testContext();
const [zeros] = imageSamples;
const evil = imageSamples.find(({ what }) => what === "a qcow2 on a file of the host");
const [root] = sampleAppliance.disks;
const [boot] = sampleAppliance.boots;
assert.ok(zeros !== undefined && evil !== undefined && root !== undefined && boot !== undefined);

type File = "root" | "data" | "vmlinuz" | "initrd";

const disk = (file: "root" | "data", format: Disk["format"]): Disk => ({
  ...root,
  id: file,
  file,
  format,
  role: file === "root" ? "system" : "data",
  sizeBytes: undefined,
});

const os_: Boot["os"] = {
  kind: "kernel",
  kernel: "vmlinuz",
  initrd: "initrd",
  cmdline: undefined,
};

/** Two disks and what a kernel needs. */
const applianceOf = (format: "raw" | "iso"): Appliance => ({
  ...sampleAppliance,
  boots: [
    {
      ...boot,
      os: os_,
      drives: ["root", "data"].map((id) => ({ disk: id, target: undefined, line: 1 })),
    },
  ],
  disks: [disk("root", "raw"), disk("data", format)],
});

interface Disguise {
  readonly file: File;
  readonly format: "raw" | "iso";
  readonly keepRaw: boolean;
  readonly code?: "image-format-mismatch" | "raw-holds-image";
}

const disguises: readonly Disguise[] = [
  { file: "data", format: "iso", keepRaw: false, code: "image-format-mismatch" },
  { file: "data", format: "raw", keepRaw: true, code: "raw-holds-image" },
  { file: "root", format: "raw", keepRaw: true, code: "raw-holds-image" },
  { file: "vmlinuz", format: "raw", keepRaw: false, code: "image-format-mismatch" },
  { file: "initrd", format: "raw", keepRaw: false, code: "image-format-mismatch" },
];

describe("files that hosts get byte for byte", () => {
  const folder = temporaryFolder({ per: "test" });
  let source: string;
  beforeEach(async () => {
    source = path.join(folder, "web");
    await mkdir(source);
  });

  const optionsFor = (keepRaw: boolean): BuildOptions => ({
    outputFolder: path.join(folder, "out"),
    package: { buildTimeSeconds: 1_700_000_000 },
    images: { keepRaw, compression: "zstd" },
  });

  async function write(file: File, format: "raw" | "iso"): Promise<void> {
    await writeFile(path.join(source, "appliance.xml"), renderDescriptor(applianceOf(format)));
    for (const name of ["root", "data"]) await zeros?.make(path.join(source, name));
    for (const name of ["vmlinuz", "initrd"]) await writeFile(path.join(source, name), name);
    const target = path.join(source, file);
    await evil?.make(target);
    // A disk ends with a sector.
    await truncate(target, 1024 * 1024);
  }

  for (const { file, format, keepRaw, code } of disguises) {
    it(`are refused when they are an image: ${file} as ${format}`, async () => {
      await write(file, format);
      const refused = isError("IMAGE_FORMAT_MISMATCH", new RegExp(`web: ${file}: .* is qcow2 by`));
      await assert.rejects(planBuild(source, optionsFor(keepRaw), context), refused);
      await assert.rejects(buildAppliance(source, optionsFor(keepRaw), context), refused);
      const left = await readdir(path.join(folder, "out")).catch(() => []);
      assert.deepEqual(left, []);
      const { problems } = await inspectSource(source, context);
      const found = problems.find((each) => each.code === code);
      assert.match(found?.message ?? "", new RegExp(`^${file}: `));
      if (code === "image-format-mismatch") {
        const packing = packDirectory(source, path.join(folder, "web.tar"), { context });
        await assert.rejects(packing, refused);
      }
    });
  }

  it("may be anything when they are shipped inside a qcow2, with a warning that names the disk", async () => {
    await write("data", "raw");
    const { warnings } = await buildAppliance(source, optionsFor(false), context);
    assert.deepEqual(
      warnings
        .filter(({ code }) => code !== "disk-size-missing")
        .map(({ code, message, line }) => [code, message.split(":")[0], line !== undefined]),
      [["raw-holds-image", "data", true]],
    );
  });
});
