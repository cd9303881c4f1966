import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import type { RunResult } from "../../src/lib/exec.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import {
  descriptorOf,
  noise,
  tar,
  writeAppliance,
  writeSparse,
} from "../fixtures/appliance-folder.ts";
import { type BundledProgram, openMeasuredProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { writeSmallRecipe } from "../fixtures/small-recipe.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;
const bytes = randomBytes(MIB);
const { run } = testContext();

function program(args: readonly string[], env: Record<string, string> = {}): Promise<RunResult> {
  return runProgram(args, { env, acceptExitCodes: [1, 2, 3, 4, 130] });
}

async function writeWeb(folder: string): Promise<void> {
  await writeAppliance(
    folder,
    descriptorOf([
      { file: "disk.raw", sizeMib: 1 },
      { file: "data.raw", use: "data", sizeMib: 10 },
    ]),
    { "disk.raw": noise(512 * 100) },
  );
}

describe("inspect, pack and unpack on the command line", () => {
  let built: BundledProgram;
  before(async () => {
    built = await openMeasuredProgram();
  });
  after(() => built[Symbol.asyncDispose]());

  it(
    "packs a folder, inspects the tarball, and unpacks it",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeWeb(web);
      const archive = path.join(folder, "web.tar.gz");
      const packed = await program(["pack", web, "-o", archive], { SOURCE_DATE_EPOCH: "1" });
      assert.deepEqual([packed.exitCode, packed.stdout], [0, `${archive}\n`], packed.stderr);
      assert.match(await tar("--utc", "-tvf", archive), /1970-01-01 00:00 web-1\.0\/disk\.raw/);

      const inspected = await program(["inspect", archive]);
      assert.equal(inspected.exitCode, 0, inspected.stderr);
      assert.equal(
        inspected.stdout,
        `descriptor  web-1.0/appliance.xml
name        web
version     1.0-1
boot        hvm, x86_64, loader
vcpu        1
memory      256 MiB
interfaces  1
graphics    yes

disk.raw  system  raw  50.0 KiB  50.0 KiB in the source
data.raw  data    raw  10.0 MiB  not in the source
`,
      );

      const target = path.join(folder, "copy");
      const unpacked = await program(["unpack", archive, "-d", target]);
      assert.deepEqual([unpacked.exitCode, unpacked.stdout], [0, `${target}\n`], unpacked.stderr);
      assert.deepEqual(await namesIn(target), ["appliance.xml", "disk.raw"]);
      const again = await program(["unpack", archive, "-d", target]);
      assert.equal(again.exitCode, 1);
      assert.match(again.stderr, /SOURCE_NOT_EMPTY/);
      const capped = await program(["unpack", archive, "-d", `${target}2`, "--max-size", "10K"]);
      assert.match(capped.stderr, /LIB_LIMIT_EXCEEDED/);
      assert.deepEqual(await namesIn(folder), ["copy", "web", "web.tar.gz"]);
    }),
  );

  it(
    "lists every problem, also those of images, with status 1",
    withFolder(async (folder) => {
      const descriptor = descriptorOf([
        { file: "missing.raw" },
        { file: "disk.qcow2", format: "qcow2" },
      ]);
      await writeAppliance(folder, descriptor, { "disk.raw": "x" });
      const image = path.join(folder, "disk.qcow2");
      const options = ["-q", "-f", "qcow2", "-u", "-b", "/etc/passwd", "-F", "raw"];
      await run("qemu-img", ["create", ...options, image, "1M"]);
      const { exitCode, stdout, stderr } = await program(["inspect", "--json", folder]);
      assert.equal(exitCode, 1, stderr);
      const document: Record<string, unknown> & {
        readonly problems: readonly { severity: string; code: string; line: number | null }[];
      } = JSON.parse(stdout);
      for (const key of ["name", "version", "release", "label", "boots", "vcpu", "memoryMiB"]) {
        assert.ok(key in document, key);
      }
      for (const key of ["interfaces", "graphics", "disks", "problems"]) {
        assert.ok(key in document, key);
      }
      const errors = document.problems.filter(({ severity }) => severity === "error");
      assert.deepEqual(errors.map(({ code }) => code).sort(), [
        "disk-missing",
        "image-backing-file",
      ]);
      assert.ok(errors.every(({ line }) => line !== null));
    }),
  );

  it(
    "inspects a descriptor that cannot be used, and says where it is wrong",
    withFolder(async (folder) => {
      await writeFile(path.join(folder, "appliance.xml"), "<image>\n</image>\n");
      const { exitCode, stdout } = await program(["inspect", folder]);
      assert.equal(exitCode, 1);
      assert.match(stdout, /^error: line \d+: .*domain.*\[domain-missing\]$/m);
    }),
  );

  it(
    "shows machine, disks and parameters beside the errors",
    withFolder(async (folder) => {
      const parameter =
        '<va:parameter name="hostname" default="web">Name in the network</va:parameter>';
      const text = descriptorOf([{ file: "disk.raw" }])
        .replace("<image>", '<image xmlns:va="http://virt-appliance/descriptor/1">')
        .replace("</name>", `</name>${parameter}`)
        .replace(/<vcpu>\d+/, "<vcpu>0");
      await writeAppliance(folder, text, { "disk.raw": noise(64 * 1024) });
      const { exitCode, stdout } = await program(["inspect", folder]);
      assert.equal(exitCode, 1);
      assert.match(stdout, /^name +web$/m);
      assert.match(stdout, /^disk\.raw +system +raw .* in the source$/m);
      assert.match(stdout, /^parameter hostname +default "web" +Name in the network$/m);
      assert.match(stdout, /^error: .*vcpu: 0, expected 1 to .* \[vcpu-out-of-range\]$/m);
      const json = await program(["inspect", "--json", folder]);
      assert.equal(json.exitCode, 1);
      const document: { name: string; parameters: unknown[]; disks: Record<string, unknown>[] } =
        JSON.parse(json.stdout);
      assert.equal(document.name, "web");
      assert.deepEqual(document.parameters, [
        { name: "hostname", description: "Name in the network", default: "web", required: false },
      ]);
      assert.equal(document.disks[0]?.["virtualSizeBytes"], 64 * 1024);
    }),
  );

  it("inspects a package", async () => {
    const file = await smallPackage("inspect.rpm");
    const { exitCode, stdout, stderr } = await program(["inspect", file]);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^package +\S+\nversion +\S+\narchitecture +\S+\n/);
    const document: { kind: string; files: unknown[] } = JSON.parse(
      (await program(["inspect", "--json", file])).stdout,
    );
    assert.equal(document.kind, "rpm");
    assert.ok(document.files.length > 0);
  });

  for (const command of ["pack", "unpack"] as const) {
    it(
      `leaves nothing when ${command} is interrupted with Ctrl-C, status 130`,
      withFolder(async (folder) => {
        const [web, out] = [path.join(folder, "web"), path.join(folder, "out")];
        await mkdir(out);
        const pieces = Array.from({ length: 200 }, (_, index) => [index * 2 * MIB, bytes] as const);
        await writeAppliance(web, descriptorOf([{ file: "disk.raw" }]));
        await writeSparse(path.join(web, "disk.raw"), 400 * MIB, pieces);
        const archive = path.join(folder, "web.tar");
        await tar("-C", folder, "-cf", archive, "web");
        const args =
          command === "pack"
            ? [web, "-o", path.join(out, "web.tar.gz")]
            : [archive, "-d", path.join(out, "web")];
        const child = spawn(process.execPath, [built.main, command, ...args], { stdio: "ignore" });
        const ended = once(child, "exit");
        while ((await namesIn(out)).length === 0) {
          assert.equal(child.exitCode, null, "ended before it began to write");
          await setTimeout(5);
        }
        child.kill("SIGINT");
        assert.deepEqual(await ended, [130, null]);
        assert.deepEqual(await namesIn(out), []);
      }),
    );
  }

  for (const [what, write, other] of [
    ["an appliance", writeWeb, "disk.raw"],
    ["a recipe", writeSmallRecipe, "puppet/small/files/run.sh"],
  ] as const) {
    it(
      `packs ${what} over nothing but its own like, unless it is forced`,
      withFolder(async (folder) => {
        const web = path.join(folder, "web");
        await write(web);
        const archive = path.join(folder, "web.tar");
        const pack = ["pack", web, "-o", archive];
        await writeFile(archive, "precious");
        const refused = await program(pack);
        assert.equal(refused.exitCode, 1);
        assert.match(
          refused.stderr,
          /web\.tar: already exists with different content\n {2}hint: .*--force {2}\[CLI_FILE_EXISTS\]/,
        );
        assert.equal(await readFile(archive, "utf8"), "precious");
        assert.deepEqual(await namesIn(folder), ["web", "web.tar"]);
        const forced = await program([...pack, "--force"]);
        assert.equal(forced.exitCode, 0, forced.stderr);
        const same = await program(pack);
        assert.equal(same.exitCode, 0, same.stderr);
        const before = await readFile(archive);
        await writeFile(path.join(web, other), noise(512 * 100 + 512));
        assert.equal((await program(pack)).exitCode, 1);
        assert.deepEqual(await readFile(archive), before);
      }),
    );
  }

  it("says what is wrong with its usage, status 2", async () => {
    assert.equal((await program(["pack", "."])).exitCode, 2);
    assert.equal((await program(["unpack", "."])).exitCode, 2);
    assert.equal((await program(["inspect"])).exitCode, 2);
  });
});
