import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { openNodes } from "../../tools/other-nodes/open-nodes.ts";
import { digestFile } from "../../src/lib/bytes/digest.ts";
import { descriptorOf, noise, writeAppliance } from "../fixtures/appliance-folder.ts";
import { lastingProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;
const ROOT = path.join(import.meta.dirname, "../..");
const RECIPE = path.join(ROOT, "examples/recipes/web");

/** What a repository records of its publications: who held a lock last, and when a generation was published. */
const RECORDS = ["lock", "generation.json"];

/** Returns the digests of all files below a folder, but of records. */
async function digests(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !RECORDS.includes(entry.name))
      found[path.relative(folder, file)] = await digestFile(file);
  }
  return found;
}

/** Writes an appliance with a disk that holds text, random bytes and zeros. */
async function writeMixedAppliance(folder: string): Promise<void> {
  const text = await readFile(path.join(ROOT, "package-lock.json"));
  const disk = Buffer.concat([text, noise(MIB), text, Buffer.alloc(MIB)]);
  const whole = Buffer.concat([disk, Buffer.alloc(MIB - (disk.length % MIB))]);
  await writeAppliance(folder, descriptorOf([{ file: "root.raw" }]), { "root.raw": whole });
}

describe("the same input and SOURCE_DATE_EPOCH", () => {
  const folder = temporaryFolder();

  it("give the same bytes on every Node version: tarballs, packages, signatures, repository", async () => {
    const program = await lastingProgram();
    const key = ["--keys", (await testKey()).folder];
    const appliance = path.join(folder, "appliance");
    await writeMixedAppliance(appliance);
    const { run } = testContext();
    const make = async (node: string, out: string): Promise<void> => {
      await mkdir(out);
      const words = async (...args: readonly string[]): Promise<void> => {
        await run(node, [program, ...args], { cwd: out, env: { SOURCE_DATE_EPOCH: "1780000000" } });
      };
      for (const compression of ["none", "gzip", "zstd"]) {
        const sign = ["--sign", "test", ...key];
        const options = ["-o", compression, "--payload-compression", compression, ...sign];
        await words("build", appliance, ...options);
        await words("build", RECIPE, ...options);
      }
      for (const suffix of ["tar", "tar.gz", "tar.xz", "tar.zst"])
        await words("pack", appliance, "-o", `web-appliance.${suffix}`);
      await words("host-package", "-o", ".");
      await words("tool-package", "-o", ".");
      const site = ["--name", "site", "--base-url", "https://example.com/site"];
      await words(
        "repo",
        "init",
        "repository",
        ...site,

        "--key",
        "test",
        ...key,
      );
      const names = (await readdir(path.join(out, "gzip"))).filter((name) => name.endsWith(".rpm"));
      for (const name of names)
        await words("repo", "add", "repository", path.join("gzip", name), ...key);
    };
    const nodes = await openNodes();
    assert.ok(nodes.length >= 3);
    const made = await Promise.all(
      nodes.map(async ({ major, binary }) => {
        const out = path.join(folder, `node-${major}`);
        await make(binary, out);
        return digests(out);
      }),
    );
    const [first = {}, ...others] = made;
    const names = Object.keys(first).join(" ");
    for (const kind of [
      /\.rpm/,
      /\.tar\.gz/,
      /\.tar\.xz/,
      /\.tar\.zst/,
      /primary\.xml\.gz/,
      /\.asc/,
    ])
      assert.match(names, kind);
    for (const other of others) assert.deepEqual(other, first);
  });
});
