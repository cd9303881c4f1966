import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { renderDescriptor } from "../../src/appliance/index.ts";
import { sampleAppliance } from "../fixtures/sample-appliance.ts";
import { temporaryFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const MIB = 2 ** 20;
const DISK_BYTES = 5 * 1024 * MIB;
const DATA_MIB = 200;
const MOST_KIB = 200 * 1024;
const PROGRAM = path.join(import.meta.dirname, "../../dist/cli/main.js");

/** Makes the program write the most memory that it ever had, in KiB, when it ends. */
const WATCH = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write(`maxRSS ${process.resourceUsage().maxRSS}\\n`));',
)}`;

describe("the program itself", () => {
  const folder = temporaryFolder();
  before(async () => {
    const web = path.join(folder, "web");
    await mkdir(web);
    const [root] = sampleAppliance.disks;
    assert.ok(root);
    const appliance = {
      ...sampleAppliance,
      disks: [{ ...root, sizeBytes: DISK_BYTES }],
      boots: sampleAppliance.boots,
    };
    await writeFile(path.join(web, "appliance.xml"), renderDescriptor(appliance));
    const disk = await open(path.join(web, "root.raw"), "w");
    await disk.truncate(DISK_BYTES);
    for (let at = 0; at < DATA_MIB; at += 1)
      await disk.write(randomBytes(MIB), 0, MIB, at * 20 * MIB);
    await disk.close();
    await run("tar", ["-C", folder, "-S", "-czf", path.join(folder, "web.tar.gz"), "web"]);
  });

  for (const options of [[], ["--keep-raw"]]) {
    it(`stays below 200 MiB while it packages 5 GiB ${options.join(" ")}`, async () => {
      const output = path.join(folder, "out");
      const { stdout, stderr } = await run(
        process.execPath,
        [
          "--import",
          WATCH,
          PROGRAM,
          "build",
          path.join(folder, "web.tar.gz"),
          "-o",
          output,
          ...options,
        ],
        { env: { PATH: process.env["PATH"], TMPDIR: folder } },
      );
      const most = Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
      assert.ok(most < MOST_KIB, `${Math.round(most / 1024)} MiB`);
      await rm(stdout.trim());
    });
  }
});
