import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { buildAppliance, type BuildOptions, planBuild } from "../../src/pipeline/index.ts";
import type { PackagePlan } from "../../src/package/index.ts";
import { descriptorOf, noise, writeAppliance, writeSparse } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { withFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const MIB = 2 ** 20;
const PAYLOAD = "/var/lib/libvirt/images/appliances/payload/web-appliance/1.0-1";

const optionsFor = (outputFolder: string, keepRaw: boolean): BuildOptions => ({
  outputFolder,
  package: { buildTimeSeconds: 1_700_000_000 },
  images: { keepRaw, compression: "zstd" },
});

/** A qcow2 image that is shipped as it is. */
async function writeReadyQcow2(file: string, text: string): Promise<void> {
  await writeSparse(`${file}.tmp`, 2 * MIB, [[MIB, Buffer.from(text.repeat(20_000))]]);
  await run("qemu-img", ["convert", "-c", "-f", "raw", "-O", "qcow2", `${file}.tmp`, file]);
}

/** Paths in the package, staged paths, and names of bases: each must be there once. */
function namesOf(plan: PackagePlan): Readonly<Record<string, readonly string[]>> {
  const list = plan.entries.find(({ path: name }) => name.endsWith("/unpack.list"));
  assert.ok(list?.kind === "file" && list.source.kind === "template");
  return {
    entries: plan.entries.map((entry) => entry.path),
    staged: plan.entries.flatMap((entry) =>
      entry.kind === "file" && entry.source.kind === "staged" ? [entry.source.path] : [],
    ),
    bases: list.source.text
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[2] ?? ""),
  };
}

function assertUnique(plan: PackagePlan): void {
  for (const [what, names] of Object.entries(namesOf(plan))) {
    assert.deepEqual(names, [...new Set(names)], what);
  }
}

describe("names inside a package", () => {
  const context = testContext();
  const raw = { file: "root.raw" };
  const qcow2 = { file: "root.qcow2", format: "qcow2", use: "data" as const, sizeMib: 2 };
  const orders = [
    { what: "raw, qcow2", disks: [raw, qcow2] },
    { what: "qcow2, raw", disks: [qcow2, raw] },
  ];
  for (const { what, disks } of orders) {
    for (const keepRaw of [false, true]) {
      it(
        `keep disks apart whose names differ in the suffix only: ${what}${keepRaw ? ", raw kept" : ""}`,
        withFolder(async (folder) => {
          const source = path.join(folder, "web");
          await writeAppliance(source, descriptorOf(disks), { "root.raw": noise(MIB) });
          await writeReadyQcow2(path.join(source, "root.qcow2"), "data ");
          const options = optionsFor(path.join(folder, "out"), keepRaw);
          assertUnique((await planBuild(source, options, context)).plan);
          const { path: rpm, plan } = await buildAppliance(source, options, context);
          assertUnique(plan);
          const unpacked = path.join(folder, "unpacked");
          await mkdir(unpacked);
          await run("sh", ["-c", 'rpm2cpio "$1" | cpio -id --quiet -D "$2"', "sh", rpm, unpacked]);
          const list = await readFile(path.join(unpacked, PAYLOAD, "unpack.list"), "utf8");
          const rows = list.trimEnd().split("\n");
          assert.equal(rows.length, 2);
          for (const [index, row] of rows.entries()) {
            const [action, name = ""] = row.split("\t");
            const file = path.join(unpacked, PAYLOAD, name);
            if (action === "expand") await run("zstd", ["-dq", file, "-o", `${file}.raw`]);
            const shipped =
              action === "expand" ? ["-F", "raw", `${file}.raw`] : ["-F", "qcow2", file];
            const original = path.join(source, disks[index]?.file ?? "");
            const format = original.endsWith(".raw") ? "raw" : "qcow2";
            const [flag = "", kind = "", made = ""] = shipped;
            await run("qemu-img", ["compare", "-f", format, flag, kind, original, made]);
          }
        }),
      );
    }
  }

  const clashes = [
    { what: "a kept disk has the name of an expanded one", files: ["root.img", "root.raw"] },
    { what: "an expanded disk has the name of a kept one", files: ["root.raw", "root.img"] },
    { what: "a disk has the name of a compressed one", files: ["root.raw.zst", "root.img"] },
    { what: "paths are the same once flattened", files: ["a/b.iso", "a-b.iso"] },
    { what: "a disk has the name of the host's list", files: ["unpack.list", "unpack/list"] },
  ];
  for (const { what, files } of clashes) {
    for (const keepRaw of [false, true]) {
      it(
        `differ when ${what}${keepRaw ? ", raw kept" : ""}`,
        withFolder(async (folder) => {
          const disks = files.map((file) => ({
            file,
            format: file.endsWith(".img") ? "raw" : "iso",
          }));
          await writeAppliance(
            folder,
            descriptorOf(disks),
            Object.fromEntries(files.map((file) => [file, noise(MIB, file)])),
          );
          assertUnique((await planBuild(folder, optionsFor(folder, keepRaw), context)).plan);
        }),
      );
    }
  }

  it(
    "differ for kernel, initial RAM disk, disk, documents and list of packages",
    withFolder(async (folder) => {
      const descriptor = descriptorOf([{ file: "boot!linux", format: "iso" }], {
        kernel: "boot/linux",
      })
        .replace("</kernel>", "</kernel><initrd>boot-linux</initrd>")
        .replace("<image>", '<image xmlns:va="http://virt-appliance/descriptor/1">')
        .replace("<domain>", "<va:package-list>README/txt</va:package-list><domain>");
      await writeAppliance(folder, descriptor, {
        "boot!linux": noise(MIB),
        "boot/linux": "kernel",
        "boot-linux": "initrd",
        "README-txt": "read me",
        "README/txt": "bash 5.2",
      });
      const { plan } = await planBuild(folder, optionsFor(folder, false), context);
      assertUnique(plan);
      assert.equal(namesOf(plan)["staged"]?.length, 5);
    }),
  );
});
